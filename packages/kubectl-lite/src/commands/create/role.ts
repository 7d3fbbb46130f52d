import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import type { Session } from '../../session/session.js'
import { defineGenerator } from './generator.js'

const ruleFlags = {
  resource: flag.slice('Resource that the rule applies to'),
  resourceName: flag.array(
    'Resource in the white list that the rule applies to, repeat this flag for multiple items',
  ),
  verb: flag.slice('Verb that applies to the resources contained in the rule'),
}

interface RuleValues {
  readonly resource: readonly string[]
  readonly resourceName: readonly string[]
  readonly verb: readonly string[]
}

const VERBS =
  '* get delete list create update patch watch proxy deletecollection use bind escalate impersonate'.split(
    ' ',
  )

const unique = (values: readonly string[]): string[] => [...new Set(values)]

/** Verbs that nobody asks for are most likely misspelled. */
function warnOfVerbs(session: Session, verbs: readonly string[]): void {
  for (const verb of verbs) {
    if (VERBS.includes(verb)) continue
    session.out.stderr(`Warning: '${verb}' is not a standard resource verb\n`)
  }
}

/** A rule for each API group that the resources belong to. */
async function resourceRules(session: Session, { resource, resourceName, verb }: RuleValues) {
  const mapper = await session.mapper()
  const groups = new Map<string, string[]>()
  for (const typed of unique(resource)) {
    const [type = '', subresource] = typed.split('/', 2)
    const { group, resource: plural } =
      typed === '*' ? { group: '', resource: '*' } : mapper.forResource(type)
    const list = groups.get(group) ?? []
    list.push(subresource ? `${plural}/${subresource}` : plural)
    groups.set(group, list)
  }
  const verbs = verb.includes('*') ? ['*'] : unique(verb)
  warnOfVerbs(session, verbs)
  return [...groups.keys()].sort().map((group) => ({
    verbs,
    apiGroups: [group],
    resources: groups.get(group) ?? [],
    ...(resourceName.length > 0 ? { resourceNames: unique(resourceName) } : {}),
  }))
}

const requireVerbs = (verbs: readonly string[]): void => {
  if (verbs.length === 0) throw new CommandError('at least one verb must be specified')
}

const PATH_VERBS = '* get post put delete patch head options'.split(' ')

function refusePathVerbs(verbs: readonly string[]): void {
  const wrong = verbs.find((verb) => !PATH_VERBS.includes(verb))
  if (wrong !== undefined) throw new CommandError(`invalid verb: '${wrong}' for nonResourceURL`)
}

export const role = defineGenerator({
  usage:
    'role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none] [options]',
  summary: 'Create a role with single rule',
  resource: {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    resource: 'roles',
    kind: 'Role',
    namespaced: true,
  },
  flags: ruleFlags,
  async build(session, _, { flags }) {
    requireVerbs(flags.verb)
    if (flags.resource.length === 0)
      throw new CommandError('at least one resource must be specified')
    return { rules: await resourceRules(session, flags) }
  },
})

export const clusterRole = defineGenerator({
  usage:
    'clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none] [options]',
  summary: 'Create a cluster role',
  resource: {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    resource: 'clusterroles',
    kind: 'ClusterRole',
    namespaced: false,
  },
  flags: {
    ...ruleFlags,
    aggregationRule: flag.slice('An aggregation label selector for combining ClusterRoles.'),
    nonResourceUrl: flag.slice('A partial url that user should have access to.'),
  },
  async build(session, _, { flags }) {
    if (flags.aggregationRule.length > 0) {
      const { nonResourceUrl, verb, resource, resourceName } = flags
      if ([nonResourceUrl, verb, resource, resourceName].some((list) => list.length > 0)) {
        throw new CommandError(
          'aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames',
        )
      }
      const matchLabels = Object.fromEntries(
        flags.aggregationRule.map((pair) => pair.split('=', 2)),
      )
      return { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] }, rules: null }
    }
    requireVerbs(flags.verb)
    if (flags.resource.length + flags.nonResourceUrl.length === 0) {
      throw new CommandError('one of resource or nonResourceURL must be specified')
    }
    const rules: unknown[] = await resourceRules(session, flags)
    if (flags.nonResourceUrl.length > 0) {
      refusePathVerbs(flags.verb)
      rules.push({ verbs: unique(flags.verb), nonResourceURLs: flags.nonResourceUrl })
    }
    return { rules }
  },
})
