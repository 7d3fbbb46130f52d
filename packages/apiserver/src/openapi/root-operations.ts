import { namedSchema, type ResourceDefinition } from '@miniplane/api'
import type { DefinitionWriter } from './definitions.js'
import { OBJECT_TYPES } from './media-types.js'
import type { Operation, Paths } from './operation.js'
import { prefixOf, tagOf } from './operation-names.js'

const JSON_ONLY = ['application/json']

/** A path that is no resource's, and the document of version 3 that it is in. */
export interface RootPath {
  readonly root: string
  add(paths: Paths, definitions: DefinitionWriter): void
}

const discovery = (
  path: string,
  id: string,
  tag: string,
  description: string,
  type: string,
): RootPath => ({
  root: path.slice(1, -1),
  add: (paths, definitions) =>
    put(paths, path, {
      id,
      tag,
      description,
      consumes: OBJECT_TYPES,
      produces: OBJECT_TYPES,
      answer: definitions.reference(namedSchema(`meta.v1.${type}`)),
    }),
})

const text = (
  path: string,
  id: string,
  tag: string,
  description: string,
  type: string,
): RootPath => ({
  root: path.slice(1, -1),
  add: (paths) =>
    put(paths, path, { id, tag, description, produces: [type], answer: { type: 'string' } }),
})

function put(paths: Paths, path: string, operation: Omit<Operation, 'parameters' | 'codes'>): void {
  paths.set(path, new Map([['get', { parameters: [], codes: [200], ...operation }]]))
}

const version: RootPath = {
  root: 'version',
  add: (paths, definitions) =>
    put(paths, '/version/', {
      id: 'getCodeVersion',
      tag: 'version',
      description: 'get the version information for this server',
      consumes: JSON_ONLY,
      produces: JSON_ONLY,
      answer: definitions.reference(namedSchema('runtime.Info')),
    }),
}

const AVAILABLE_VERSIONS = 'get available API versions'
const AVAILABLE_RESOURCES = 'get available resources'

/** What tells of the resources, and the few documents beside them. */
export function rootPaths(definitions: readonly ResourceDefinition[]): RootPath[] {
  const groups = new Set(definitions.map(({ group }) => group).filter((group) => group !== ''))
  const versions = new Map(definitions.map((one) => [`${one.group}/${one.version}`, one]))
  return [
    discovery('/api/', 'getCoreAPIVersions', 'core', AVAILABLE_VERSIONS, 'APIVersions'),
    discovery('/apis/', 'getAPIVersions', 'apis', AVAILABLE_VERSIONS, 'APIGroupList'),
    ...[...groups].map((group) =>
      discovery(
        `/apis/${group}/`,
        `get${prefixOf(group)}APIGroup`,
        tagOf(group),
        'get information of a group',
        'APIGroup',
      ),
    ),
    ...[...versions.values()].map(({ group, version }) =>
      discovery(
        group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`,
        `get${prefixOf(group, version)}APIResources`,
        tagOf(group, version),
        AVAILABLE_RESOURCES,
        'APIResourceList',
      ),
    ),
    text(
      '/.well-known/openid-configuration/',
      'getServiceAccountIssuerOpenIDConfiguration',
      'WellKnown',
      "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
      'application/json',
    ),
    text(
      '/openid/v1/jwks/',
      'getServiceAccountIssuerOpenIDKeyset',
      'openid',
      'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
      'application/jwk-set+json',
    ),
    version,
  ]
}
