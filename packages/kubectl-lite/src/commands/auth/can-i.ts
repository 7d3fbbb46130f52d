import type {
  KubeObject,
  PolicyRule,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
} from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { type FlagValues, flag } from '../../cli/flags.js'
import { ruleRows } from '../../describe/rbac.js'
import { CommandError, SilentExit } from '../../errors/errors.js'
import { GET_LAYOUT, layOut } from '../../printers/tab-writer.js'
import type { Session } from '../../session/session.js'

const AUTHORIZATION = '/apis/authorization.k8s.io/v1'
const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'impersonate',
  '*',
  'approve',
  'sign',
  'escalate',
  'attest',
]
const NON_RESOURCE_VERBS = ['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*']

const flags = {
  allNamespaces: flag.bool('If true, check the specified action in all namespaces.', {
    short: 'A',
  }),
  list: flag.bool('If true, prints all allowed actions.'),
  noHeaders: flag.bool('If true, prints allowed actions without headers'),
  quiet: flag.bool('If true, suppress output and just return the exit code.', { short: 'q' }),
  subresource: flag.string('SubResource such as pod/log or deployment/scale'),
}

type Flags = FlagValues<typeof flags>

export const canI = defineCommand({
  usage: 'can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL] [options]',
  summary: 'Check whether an action is allowed',
  examples: ['kubectl auth can-i create pods', 'kubectl auth can-i --list'],
  flags,
  async run(session, { args, flags, path }) {
    if (flags.list && args.length > 0) {
      throw new CommandError('list option must be specified with no arguments')
    }
    if (flags.list) return listActions(session, flags)
    const [verb, target, ...more] = args
    if (verb === undefined || target === undefined || more.length > 0) {
      throw new CommandError(
        `you must specify two arguments: verb resource or verb resource/resourceName.\nSee '${path} -h' for help and examples.`,
      )
    }
    const spec = target.startsWith('/')
      ? { nonResourceAttributes: { verb, path: target } }
      : { resourceAttributes: await resourceAttributes(session, verb, target, flags) }
    warnAboutVerb(session, verb, target.startsWith('/'))
    const answer = await session.rest.object({
      method: 'POST',
      path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
      body: {
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: {},
        spec,
      },
    })
    const { status } = answer as unknown as SelfSubjectAccessReview
    if (!flags.quiet) session.line(verdictText(status))
    if (!status?.allowed) throw new SilentExit(1)
  },
})

function verdictText(status: SelfSubjectAccessReview['status']): string {
  if (status?.allowed) return 'yes'
  const reason = status?.reason ? ` - ${status.reason}` : ''
  const failure = status?.evaluationError ? ` - ${status.evaluationError}` : ''
  return `no${reason}${failure}`
}

const warn = (session: Session, text: string): void => session.out.stderr(`Warning: ${text}\n\n`)

function warnAboutVerb(session: Session, verb: string, nonResource: boolean): void {
  const known = nonResource ? NON_RESOURCE_VERBS : VERBS
  if (!known.includes(verb)) warn(session, `verb '${verb}' is not a known verb`)
}

async function resourceAttributes(session: Session, verb: string, target: string, flags: Flags) {
  const [type = '', name] = target.split('/', 2)
  const namespace = flags.allNamespaces ? '' : session.namespace
  const found = type === '*' ? undefined : (await session.mapper()).find(type)
  if (!found && type !== '*') {
    const [resource = '', ...group] = type.split('.')
    const inGroup = group.length > 0 ? ` in group '${group.join('.')}'` : ''
    warn(session, `the server doesn't have a resource type '${resource}'${inGroup}`)
  }
  if (found && !found.namespaced && namespace !== '') {
    const group = found.group === '' ? '' : ` in group '${found.group}'`
    warn(session, `resource '${found.resource}' is not namespace scoped${group}`)
  }
  return {
    ...(namespace === '' ? {} : { namespace }),
    verb,
    ...(found?.group ? { group: found.group } : type === '*' ? { group: '*' } : {}),
    resource: found?.resource ?? type,
    ...(flags.subresource === '' ? {} : { subresource: flags.subresource }),
    ...(name ? { name } : {}),
  }
}

async function listActions(session: Session, flags: Flags): Promise<void> {
  const answer: KubeObject = await session.rest.object({
    method: 'POST',
    path: `${AUTHORIZATION}/selfsubjectrulesreviews`,
    body: {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: { namespace: session.namespace },
    },
  })
  const { status } = answer as unknown as SelfSubjectRulesReview
  const rules = [...(status?.resourceRules ?? []), ...(status?.nonResourceRules ?? [])]
  const rows = ruleRows(rules as unknown as PolicyRule[], false)
  if (!flags.noHeaders) rows.unshift('Resources\tNon-Resource URLs\tResource Names\tVerbs')
  session.out.stdout(layOut(GET_LAYOUT, rows.map((row) => `${row}\n`).join('')))
}
