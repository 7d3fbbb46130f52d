import { type Deployment, isEqual, type KubeObject, type PodTemplateSpec } from '@miniplane/api'
import { LAST_APPLIED, lastAppliedOf } from '../../apply/last-applied.js'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { describePodTemplate } from '../../describe/pod-template.js'
import { DescribeWriter } from '../../describe/writer.js'
import { asError, CommandError, throwCollected } from '../../errors/errors.js'
import { printFlags } from '../../printers/print-flags.js'
import { type Info, resourceName } from '../../resolve/info.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
import { type Revision, revisionsOf } from '../../workload/history.js'
import { REVISION_ANNOTATION } from '../../workload/rollout-status.js'
import { sendPatch } from '../../write/write.js'
import { type DryRun, dryRunFlag, dryRunOf } from '../dry-run.js'
import { fileFlags, fileTargets } from '../file-flags.js'
import { resultPrinter } from '../result-printer.js'
import { requireResource } from './patch-each.js'

/** Annotations that a rollback leaves as the Deployment has them. */
const KEPT_ANNOTATIONS = [
  LAST_APPLIED,
  REVISION_ANNOTATION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

export const undo = defineCommand({
  usage: 'undo (TYPE NAME | TYPE/NAME) [flags] [options]',
  summary: 'Undo a previous rollout',
  examples: [
    'kubectl rollout undo deployment/web',
    'kubectl rollout undo deployment/web --to-revision=3',
  ],
  flags: {
    ...fileFlags,
    ...printFlags,
    dryRun: dryRunFlag,
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
    toRevision: flag.int('The revision to rollback to. Default to 0 (last revision).'),
  },
  async run(session, { args, flags }) {
    requireResource(args, flags.filename)
    const dryRun = dryRunOf(flags.dryRun)
    const print = await resultPrinter(session, flags, dryRun)
    const { selector } = flags
    const visited = await resolveInfos(session, {
      ...fileTargets(flags),
      args,
      selector,
      bareTypeMeansAll: true,
      latest: true,
    })
    const errors = [...visited.errors]
    for (const info of visited.infos) {
      try {
        warn(session, info)
        print(info.object, await rollBack(session, info, flags.toRevision, dryRun))
      } catch (error) {
        errors.push(asError(error))
      }
    }
    throwCollected(errors)
  },
})

function warn(session: Session, info: Info): void {
  if (lastAppliedOf(info.object) === undefined) return
  session.out.stderr(
    `Warning: resource ${resourceName(info)} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`,
  )
}

/** Returns what to report. */
async function rollBack(
  session: Session,
  info: Info,
  wanted: number,
  dryRun: DryRun,
): Promise<string> {
  const { kind } = info.object
  if (kind !== 'Deployment' && kind !== 'DaemonSet' && kind !== 'StatefulSet') {
    throw new CommandError(`no rollbacker has been implemented for ${JSON.stringify(kind)}`)
  }
  const revisions = await revisionsOf(session, info)
  const target =
    kind === 'Deployment'
      ? deploymentTarget(info, revisions, wanted)
      : otherTarget(revisions, wanted)
  if (isSameTemplate(info.object, target)) {
    return `skipped rollback (current template already matches revision ${target.number})`
  }
  if (dryRun === 'client') {
    const writer = new DescribeWriter()
    describePodTemplate(writer, target.template)
    return writer.text
  }
  if (kind === 'Deployment') {
    await sendPatch(session, info, deploymentPatch(info.object, target), { dryRun, type: 'json' })
  } else {
    const { data } = target.holder as { data?: unknown }
    await sendPatch(session, info, data, { dryRun, type: 'strategic' })
  }
  return 'rolled back'
}

function deploymentTarget(info: Info, revisions: readonly Revision[], wanted: number): Revision {
  const target = wanted > 0 ? revisions.find(({ number }) => number === wanted) : revisions.at(-2)
  if (!target) {
    throw new CommandError(
      wanted > 0
        ? `unable to find specified revision ${wanted} in history`
        : `no rollout history found for deployment "${info.name}"`,
    )
  }
  if ((info.object as unknown as Deployment).spec?.paused) {
    throw new CommandError(
      `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    )
  }
  return target
}

function otherTarget(revisions: readonly Revision[], wanted: number): Revision {
  if (wanted === 0 && revisions.length < 2)
    throw new CommandError('no last revision to rollback to')
  const target = wanted > 0 ? revisions.find(({ number }) => number === wanted) : revisions.at(-2)
  if (!target) throw new CommandError(`unable to find specified revision ${wanted} in history`)
  return target
}

/** A template without the label that the controller adds. */
function plainTemplate(template: PodTemplateSpec | undefined) {
  const { 'pod-template-hash': _, ...labels } = template?.metadata?.labels ?? {}
  return { ...template, metadata: { ...template?.metadata, labels } }
}

function isSameTemplate(object: KubeObject, target: Revision): boolean {
  const { template } = object.spec as { template?: PodTemplateSpec }
  const { $patch: _, ...wanted } = plainTemplate(target.template) as { $patch?: string }
  return isEqual(plainTemplate(template), wanted)
}

function deploymentPatch({ metadata }: KubeObject, target: Revision) {
  const own = metadata.annotations ?? {}
  const kept = KEPT_ANNOTATIONS.filter((name) => name in own).map((name) => [name, own[name]])
  const theirs = Object.entries(target.holder.metadata.annotations ?? {}).filter(
    ([name]) => !KEPT_ANNOTATIONS.includes(name),
  )
  return [
    { op: 'replace', path: '/spec/template', value: plainTemplate(target.template) },
    {
      op: 'replace',
      path: '/metadata/annotations',
      value: Object.fromEntries([...kept, ...theirs]),
    },
  ]
}
