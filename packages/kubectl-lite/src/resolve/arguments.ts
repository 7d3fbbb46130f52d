import { CommandError } from '../errors/errors.js'
import type { ResourceInfo } from './discovery.js'
import type { RestMapper } from './rest-mapper.js'

export interface NamedArgument {
  readonly resource: ResourceInfo
  readonly name: string
}

/** What the words on the command line ask for. */
export type Requested =
  | { readonly by: 'name'; readonly named: readonly NamedArgument[] }
  | { readonly by: 'type'; readonly types: readonly ResourceInfo[] }
  | { readonly by: 'nothing' }

/**
 * Reads `TYPE NAME…`, `TYPE,TYPE NAME…`, `TYPE/NAME…`, `TYPE,TYPE`, `all`. Throws kubectl's
 * complaints about mixed forms and unknown types.
 */
export function readArguments(mapper: RestMapper, words: readonly string[]): Requested {
  const args = spreadTypes(words)
  const slashes = args.filter((arg) => arg.includes('/')).length
  if (slashes > 0 && slashes < args.length) throw mixedForms()
  if (slashes > 0) return { by: 'name', named: args.map((arg) => splitTypeName(mapper, arg)) }
  const [typeList, ...names] = args
  if (typeList === undefined) return { by: 'nothing' }
  const types = expandTypes(mapper, typeList)
  if (names.length === 0) return { by: 'type', types }
  if (types.length > 1) throw new CommandError('you must specify only one resource')
  return {
    by: 'name',
    named: names.map((name) => ({ resource: types[0] as ResourceInfo, name })),
  }
}

const splitCommas = (text: string): string[] => [...new Set(text.split(',').filter(Boolean))]

/** `deploy,cm web` means `deploy/web cm/web`. */
function spreadTypes(words: readonly string[]): readonly string[] {
  const [first = '', ...names] = words
  const types = splitCommas(first)
  if (names.length === 0 || types.length < 2) return words
  return types.flatMap((type) => names.map((name) => `${type}/${name}`))
}

const mixedForms = (): CommandError =>
  new CommandError(
    "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
  )

function splitTypeName(mapper: RestMapper, argument: string): NamedArgument {
  const [type = '', name = '', ...more] = argument.split('/')
  if (more.length > 0) {
    throw new CommandError('arguments in resource/name form may not have more than one slash')
  }
  if (type === '' || name === '' || splitCommas(type).length !== 1) {
    throw new CommandError('arguments in resource/name form must have a single resource and name')
  }
  return { resource: mapper.forArgument(type), name }
}

function expandTypes(mapper: RestMapper, list: string): ResourceInfo[] {
  return splitCommas(list).flatMap((type) => {
    const category = mapper.find(type) ? [] : mapper.inCategory(type)
    return category.length > 0 ? category : [mapper.forArgument(type)]
  })
}
