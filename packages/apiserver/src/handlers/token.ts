import {
  type ApiResponse,
  badRequest,
  conflict,
  type FieldError,
  FieldPath,
  formatTime,
  goQuote,
  gvkOf,
  invalid,
  invalidValue,
  type KubeObject,
  notFound,
  type Pod,
} from '@miniplane/api'
import type { BoundObject } from '../authn/service-account-tokens.js'
import { decodeBody } from '../negotiation/decode-object.js'
import { writeOptions } from '../negotiation/options.js'
import type { RequestContext } from '../pipeline/stage.js'
import { unstored } from '../storage/unstored.js'
import { expectedKind } from './expected-kind.js'
import { negotiateObject, presentUntabled } from './present.js'
import { type Scope, type Services, writeContextOf } from './scope.js'

interface TokenSpec {
  audiences?: string[] | null
  expirationSeconds?: number | null
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string } | null
}

const DEFAULT_SECONDS = 3600
const SECONDS_MIN = 600
const SECONDS_MAX = 2 ** 32

/** POST serviceaccounts/NAME/token: a signed token for the account, bound to an object if asked. */
export async function handleToken(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const options = writeOptions(context.request.query, 'CreateOptions')
  negotiateObject(context, false, 'untabled')
  const kind = expectedKind(scope)
  const sent = decodeBody(context, services.catalog, kind, options.fieldValidation)
  const { name } = scope
  const namespace = scope.namespace ?? ''
  const account = await scope.resource.storage.get(scope.namespace, name)
  if (!account) throw notFound(scope.definition, name)
  refuseOther(kind, sent.metadata, scope)
  const spec = (sent.spec ?? {}) as TokenSpec
  spec.expirationSeconds ??= DEFAULT_SECONDS
  const errors = specErrors(spec)
  if (errors.length > 0) throw invalid(kind, '', errors)
  const bound = await boundObject(services, spec.boundObjectRef, namespace, name)
  const { expirationSecondsMax: max = SECONDS_MAX } = services.tokens
  if (spec.expirationSeconds > max) {
    context.warnings.push(
      `requested expiration of ${spec.expirationSeconds} seconds shortened to ${max} seconds`,
    )
    spec.expirationSeconds = max
  }
  const { expirationSeconds } = spec
  const audiences = spec.audiences?.length ? spec.audiences : services.tokens.audiences
  const { uid = '', creationTimestamp } = account.object.metadata
  const claims = { namespace, serviceAccount: { name, uid }, audiences, expirationSeconds, bound }
  const { manager } = writeContextOf(services, scope, context, { ...options }, options.dryRun)
  services.fieldManagers.ofView(kind, 'token').update(undefined, { ...sent, spec }, manager)
  const { managedFields = [] } = sent.metadata
  const answer: KubeObject = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, uid, creationTimestamp: creationTimestamp ?? null, managedFields },
    spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: {
      token: await services.tokens.sign(claims),
      expirationTimestamp: formatTime(services.clock.now() + expirationSeconds * 1000),
    },
  }
  return presentUntabled(kind, context, unstored(answer))
}

/** The URL says whose token it is; a body need not, and may not say another. */
function refuseOther(
  kind: { readonly group: string; readonly kind: string },
  metadata: KubeObject['metadata'],
  { name, namespace = '' }: Scope,
): void {
  const errors = (
    [
      ['name', name],
      ['namespace', namespace],
    ] as const
  ).flatMap(([field, own]) => {
    const said = metadata[field]
    const detail = `must match the service account ${field} if specified`
    return said && said !== own ? [invalidValue(FieldPath.of('metadata', field), said, detail)] : []
  })
  if (errors.length > 0) throw invalid(kind, name, errors)
}

function specErrors({ expirationSeconds }: TokenSpec): FieldError[] {
  const path = FieldPath.of('spec', 'expirationSeconds')
  if (expirationSeconds === undefined || expirationSeconds === null) return []
  if (expirationSeconds < SECONDS_MIN)
    return [
      invalidValue(path, expirationSeconds, 'may not specify a duration less than 10 minutes'),
    ]
  return expirationSeconds > SECONDS_MAX
    ? [invalidValue(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
    : []
}

const BINDABLE: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }

async function boundObject(
  services: Services,
  reference: TokenSpec['boundObjectRef'],
  namespace: string,
  account: string,
): Promise<BoundObject | undefined> {
  if (!reference) return undefined
  const { kind = '', apiVersion = '', name = '', uid } = reference
  const resource = apiVersion === 'v1' ? BINDABLE[kind] : undefined
  const definition = resource && services.catalog.byResource('', 'v1', resource)
  if (!definition) {
    const { group, version } = gvkOf(apiVersion, kind)
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`)
  }
  if (name === '') throw badRequest('Name parameter required.')
  const { storage } = await services.resources.ready(definition)
  const found = await storage.get(definition.namespaced ? namespace : undefined, name)
  if (!found) throw notFound(definition, name)
  const { object } = found
  const { uid: own = '' } = object.metadata
  if (kind === 'Pod' && (object as Pod).spec.serviceAccountName !== account)
    throw badRequest(
      `cannot bind token for serviceaccount ${goQuote(account)} to pod running with different serviceaccount name.`,
    )
  if (uid && uid !== own) {
    const detail = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group: '', resource: kind }, name, detail)
  }
  const node = kind === 'Pod' ? nodeOf(services, object as Pod) : undefined
  return { kind, name, uid: own, ...(node && { node }) }
}

function nodeOf({ lister }: Services, { spec: { nodeName } }: Pod): BoundObject['node'] {
  if (!nodeName) return undefined
  return { name: nodeName, uid: lister.get('', 'nodes', undefined, nodeName)?.metadata.uid }
}
