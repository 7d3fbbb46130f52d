import { isEqual, type KubeObject, type PolicyRule, type Subject } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { printFlags } from '../../printers/print-flags.js'
import { uncovered } from '../../rbac/rules.js'
import type { Info } from '../../resolve/info.js'
import { infosFromManifests } from '../../resolve/manifest-infos.js'
import { resourcePath } from '../../resolve/paths.js'
import { liveObject } from '../../session/live-object.js'
import type { Session } from '../../session/session.js'
import { sendCreate, sendReplace } from '../../write/write.js'
import { deleteOne } from '../delete.js'
import { dryRunFlag, dryRunOf } from '../dry-run.js'
import { fileFlags, fileTargets, requireFile } from '../file-flags.js'
import { resultPrinter } from '../result-printer.js'

const ROLES = ['Role', 'ClusterRole']
const BINDINGS = ['RoleBinding', 'ClusterRoleBinding']
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

export const reconcile = defineCommand({
  usage: 'reconcile -f FILENAME [options]',
  summary:
    'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  examples: ['kubectl auth reconcile -f my-rbac-rules.yaml'],
  flags: {
    ...fileFlags,
    ...printFlags,
    dryRun: dryRunFlag,
    removeExtraPermissions: flag.bool('If true, removes extra permissions added to roles'),
    removeExtraSubjects: flag.bool('If true, removes extra subjects added to rolebindings'),
  },
  async run(session, { args, flags }) {
    requireFile(flags)
    if (args.length > 0) throw new CommandError('no arguments are allowed')
    const dryRun = dryRunOf(flags.dryRun)
    if (dryRun === 'server') {
      throw new CommandError('--dry-run=server for command reconcile is not supported yet')
    }
    const print = await resultPrinter(session, flags, dryRun)
    const { infos, errors } = await infosFromManifests(session, fileTargets(flags))
    const [error] = errors
    if (error) throw error
    for (const info of infos) {
      const { kind = '' } = info.object
      if (![...ROLES, ...BINDINGS].includes(kind)) continue
      const existing = await liveObject(
        session,
        resourcePath(info.resource, info.namespace, info.name),
      )
      const isRole = ROLES.includes(kind)
      const removes = isRole ? flags.removeExtraPermissions : flags.removeExtraSubjects
      const plan = isRole
        ? planRole(existing, info.object, removes)
        : planBinding(existing, info.object, removes)
      const isProtected = existing?.metadata.annotations?.[AUTO_UPDATE] === 'false'
      const done =
        dryRun === 'client' || isProtected ? plan.object : await carryOut(session, info, plan)
      print(done, 'reconciled')
      report(session, plan, removes, isProtected)
    }
  },
})

interface Plan {
  readonly operation: 'none' | 'create' | 'update' | 'recreate'
  readonly object: KubeObject
  readonly what: 'rules' | 'subjects'
  /** As Go shows them. */
  readonly missing: readonly string[]
  readonly extra: readonly string[]
}

function planRole(existing: KubeObject | undefined, wanted: KubeObject, removes: boolean): Plan {
  const rules = (wanted.rules ?? []) as PolicyRule[]
  const own = (existing?.rules ?? []) as PolicyRule[]
  const missing = existing ? uncovered(own, rules) : rules
  const extra = existing ? uncovered(rules, own) : []
  const { aggregationRule } = wanted
  const merged = {
    rules: removes ? rules : [...own, ...missing],
    ...(aggregationRule ? { aggregationRule } : {}),
  }
  const isSame =
    missing.length === 0 &&
    (!removes || extra.length === 0) &&
    isEqual(existing?.aggregationRule, aggregationRule)
  const what = 'rules'
  const shown = { what, missing: missing.map(ruleText), extra: extra.map(ruleText) } as const
  return { ...shown, ...merge(existing, wanted, isSame ? {} : merged) }
}

function planBinding(existing: KubeObject | undefined, wanted: KubeObject, removes: boolean): Plan {
  const subjects = (wanted.subjects ?? []) as Subject[]
  if (existing && !isEqual(existing.roleRef, wanted.roleRef)) {
    return { operation: 'recreate', object: wanted, what: 'subjects', missing: [], extra: [] }
  }
  const own = (existing?.subjects ?? []) as Subject[]
  const without = (all: readonly Subject[], some: readonly Subject[]) =>
    all.filter((one) => !some.some((other) => isEqual(one, other)))
  const missing = without(subjects, own)
  const extra = without(own, subjects)
  const isSame = missing.length === 0 && (!removes || extra.length === 0)
  const merged = { subjects: removes ? subjects : [...own, ...missing] }
  const what = 'subjects'
  const shown = { what, missing: missing.map(subjectText), extra: extra.map(subjectText) } as const
  return { ...shown, ...merge(existing, wanted, isSame ? {} : merged) }
}

/** The object with what changed, and labels and annotations of both, the existing ones first. */
function merge(
  existing: KubeObject | undefined,
  wanted: KubeObject,
  changes: Readonly<Record<string, unknown>>,
): Pick<Plan, 'operation' | 'object'> {
  if (!existing) return { operation: 'create', object: wanted }
  const metadata = { ...existing.metadata }
  for (const field of ['labels', 'annotations'] as const) {
    const both = { ...wanted.metadata[field], ...existing.metadata[field] }
    if (Object.keys(both).length > 0) metadata[field] = both
  }
  const object = { ...existing, ...changes, metadata }
  return { operation: isEqual(object, existing) ? 'none' : 'update', object }
}

async function carryOut(session: Session, info: Info, plan: Plan): Promise<KubeObject> {
  const { operation, object } = plan
  const write = { dryRun: 'none' } as const
  if (operation === 'none') return object
  if (operation === 'update') return sendReplace(session, info, object, write)
  if (operation === 'recreate') {
    const propagationPolicy = 'Background'
    await deleteOne(session, info, { ...write, propagationPolicy, gracePeriodSeconds: undefined })
  }
  return sendCreate(session, info, object, write)
}

function report(session: Session, plan: Plan, removes: boolean, isProtected: boolean): void {
  if (plan.operation === 'none') return
  const caveat = isProtected ? `, but object opted out (${AUTO_UPDATE}: false)` : ''
  const lines = [`reconciliation required ${plan.operation}${caveat}`]
  const list = (title: string, items: readonly string[]) => {
    if (items.length > 0) lines.push(title, ...items.map((item) => `\t${item}`))
  }
  list(`missing ${plan.what} added:`, plan.missing)
  if (removes) list(`extra ${plan.what} removed:`, plan.extra)
  session.out.stderr(lines.map((line) => `\t${line}\n`).join(''))
}

const listText = (list: readonly string[] = []): string => `[${list.join(' ')}]`

const ruleText = (rule: PolicyRule): string =>
  `{Verbs:${listText(rule.verbs)} APIGroups:${listText(rule.apiGroups)} Resources:${listText(rule.resources)} ResourceNames:${listText(rule.resourceNames)} NonResourceURLs:${listText(rule.nonResourceURLs)}}`

const subjectText = ({ kind, apiGroup = '', name, namespace = '' }: Subject): string =>
  `{Kind:${kind} APIGroup:${apiGroup} Name:${name} Namespace:${namespace}}`
