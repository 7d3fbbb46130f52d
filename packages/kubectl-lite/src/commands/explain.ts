import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { isNotFound } from '../errors/status.js'
import {
  descriptionText,
  fieldsText,
  fieldText,
  headerText,
  recursiveText,
} from '../explain/print.js'
import { oldText } from '../explain/print-old.js'
import { type ApiSchema, SchemaSet } from '../explain/schema.js'
import { groupVersionOf, type ResourceInfo } from '../resolve/discovery.js'
import type { RestMapper } from '../resolve/rest-mapper.js'
import type { Session } from '../session/session.js'

export const explain = defineCommand({
  usage:
    'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext] [options]',
  summary: 'Get documentation for a resource',
  examples: ['kubectl explain pods', 'kubectl explain deployment.spec.strategy'],
  flags: {
    apiVersion: flag.string('Use given api-version (group/version) of the resource.'),
    output: flag.string('Format in which to render the schema. Valid values are: (plaintext).', {
      short: 'o',
      default: 'plaintext',
    }),
    recursive: flag.bool('When true, print the name of all the fields recursively.'),
  },
  async run(session, { args, flags }) {
    const [target, ...more] = args
    if (target === undefined) {
      throw new CommandError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
      )
    }
    if (more.length > 0) {
      throw new CommandError('We accept only this format: explain RESOURCE')
    }
    if (flags.output !== 'plaintext' && flags.output !== 'plaintext-openapiv2') {
      throw new CommandError(`unrecognized format: ${flags.output}`)
    }
    const { resource, fields } = findResource(await session.mapper(), target, flags.apiVersion)
    const set = await schemasOf(session, resource)
    const root = set.ofKind(resource.group, resource.version, resource.kind)
    if (!root) {
      throw new CommandError(
        `GVR (${groupVersionOf(resource)}, Resource=${resource.resource}) not found in OpenAPI schema`,
      )
    }
    if (flags.output === 'plaintext-openapiv2') {
      const schema = descend(set, root, fields)
      session.out.stdout(oldText(set, resource, fields.at(-1), schema))
      return
    }
    session.out.stdout(headerText(resource))
    const schema = descend(set, root, fields)
    session.out.stdout(fieldText(set, fields.at(-1), schema))
    session.out.stdout(descriptionText(set, schema))
    session.out.stdout(flags.recursive ? recursiveText(set, schema) : fieldsText(set, schema))
    session.out.stdout('\n')
  },
})

/** `widgets.example.com.spec`: the longest beginning that names a resource is one. */
function findResource(
  mapper: RestMapper,
  target: string,
  apiVersion: string,
): { resource: ResourceInfo; fields: string[] } {
  const parts = target.replace(/\.$/, '').split('.')
  for (let length = parts.length; length > 1; length--) {
    const found = mapper.find(parts.slice(0, length).join('.'))
    const isWhole = found?.group === parts.slice(1, length).join('.')
    if (found && isWhole) return { resource: found, fields: parts.slice(length) }
  }
  const resource = mapper.forResource(parts[0] ?? '')
  const fields = parts.slice(1)
  if (apiVersion === '') return { resource, fields }
  const other = mapper.resources.find(
    (one) => one.resource === resource.resource && groupVersionOf(one) === apiVersion,
  )
  if (other) return { resource: other, fields }
  throw new CommandError(
    `couldn't find resource for "${apiVersion}, Resource=${resource.resource}"`,
  )
}

async function schemasOf(session: Session, resource: ResourceInfo): Promise<SchemaSet> {
  const root = resource.group === '' ? 'api' : 'apis'
  const path = `/openapi/v3/${root}/${groupVersionOf(resource)}`
  try {
    const document = await session.rest.object({ method: 'GET', path })
    const { components } = document as unknown as {
      components?: { schemas?: Record<string, ApiSchema> }
    }
    return new SchemaSet(components?.schemas ?? {})
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new CommandError(
      `couldn't find resource for "${groupVersionOf(resource)}, Resource=${resource.resource}"`,
    )
  }
}

function descend(set: SchemaSet, root: ApiSchema, fields: readonly string[]): ApiSchema {
  let schema = root
  for (const name of fields) {
    const next = set.structure(schema).properties?.[name]
    if (!next) throw new CommandError(`field "${name}" does not exist`)
    schema = next
  }
  return schema
}
