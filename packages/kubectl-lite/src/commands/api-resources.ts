import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { GET_LAYOUT, layOut } from '../printers/tab-writer.js'
import { groupResourceOf, groupVersionOf, type ResourceInfo } from '../resolve/discovery.js'

const flags = {
  apiGroup: flag.string('Limit to resources in the specified API group.'),
  cached: flag.bool('Accepted and ignored: nothing is cached.', { hidden: true }),
  categories: flag.slice('Limit to resources that belong to the specified categories.'),
  namespaced: flag.bool(
    'If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.',
    {
      default: true,
    },
  ),
  noHeaders: flag.bool(
    "When using the default or custom-column output format, don't print headers.",
  ),
  output: flag.string('Output format. One of: (json, yaml, kyaml, name, wide).', { short: 'o' }),
  sortBy: flag.string(
    "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'.",
  ),
  verbs: flag.slice('Limit to resources that support the specified verbs.'),
}

type Flags = FlagValues<typeof flags>

export const apiResources = defineCommand({
  usage: 'api-resources [flags] [options]',
  summary: 'Print the supported API resources on the server',
  examples: ['kubectl api-resources', 'kubectl api-resources --namespaced=false'],
  flags,
  async run(session, { args, flags, given, path }) {
    if (args.length > 0) throw usageError(path, `unexpected arguments: [${args.join(' ')}]`)
    if (!['', 'wide', 'name'].includes(flags.output)) {
      throw new CommandError(`--output ${flags.output} is not available`)
    }
    if (!['', 'name', 'kind'].includes(flags.sortBy)) {
      throw new CommandError('--sort-by accepts only name or kind')
    }
    const mapper = await session.mapper()
    const chosen = mapper.preferred().filter((one) => isWanted(one, flags, given))
    const sorted = chosen.sort(orderBy(flags.sortBy))
    if (flags.output === 'name') {
      session.out.stdout(sorted.map((one) => `${groupResourceOf(one)}\n`).join(''))
      return
    }
    const wide = flags.output === 'wide'
    const lines = sorted.map((one) => rowOf(one, wide))
    if (!flags.noHeaders) lines.unshift(titles(wide))
    session.out.stdout(layOut(GET_LAYOUT, lines.map((line) => `${line}\n`).join('')))
  },
})

function isWanted(one: ResourceInfo, flags: Flags, given: ReadonlySet<string>): boolean {
  if (one.verbs.length === 0) return false
  if (given.has('apiGroup') && one.group !== flags.apiGroup) return false
  if (given.has('namespaced') && one.namespaced !== flags.namespaced) return false
  if (flags.verbs.some((verb) => !one.verbs.includes(verb))) return false
  return flags.categories.every((category) => one.categories.includes(category))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const orderBy =
  (field: string) =>
  (a: ResourceInfo, b: ResourceInfo): number => {
    if (field === 'kind') return compare(a.kind, b.kind)
    if (field === 'name') return compare(a.resource, b.resource)
    return compare(a.group, b.group) || compare(a.resource, b.resource)
  }

const titles = (wide: boolean): string =>
  [
    'NAME',
    'SHORTNAMES',
    'APIVERSION',
    'NAMESPACED',
    'KIND',
    ...(wide ? ['VERBS', 'CATEGORIES'] : []),
  ].join('\t')

const rowOf = (one: ResourceInfo, wide: boolean): string =>
  [
    one.resource,
    one.shortNames.join(','),
    groupVersionOf(one),
    String(one.namespaced),
    one.kind,
    ...(wide ? [one.verbs.join(','), one.categories.join(',')] : []),
  ].join('\t')
