import type { CronJob, Job, KubeObject } from '@miniplane/api'
import { humanDuration } from '../printers/human-duration.js'
import { selectorText } from '../workload/selector-text.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { describePodTemplate } from './pod-template.js'
import { controlledBy, longTime, writeAnnotations, writeIdentity, writeLabels } from './text.js'

export async function describeJob(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as Job
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  if (spec?.selector) writer.field('Selector', selectorText(spec.selector))
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  const owner = controlledBy(object)
  if (owner) writer.field('Controlled By', owner)
  if (spec?.parallelism !== undefined) writer.field('Parallelism', spec.parallelism)
  writer.field('Completions', spec?.completions ?? '<unset>')
  if (spec?.completionMode) writer.field('Completion Mode', spec.completionMode)
  if (spec?.suspend !== undefined) writer.field('Suspend', spec.suspend)
  if (spec?.backoffLimit !== undefined) writer.field('Backoff Limit', spec.backoffLimit)
  if (spec?.ttlSecondsAfterFinished !== undefined) {
    writer.field('TTL Seconds After Finished', spec.ttlSecondsAfterFinished)
  }
  if (status?.startTime) writer.field('Start Time', longTime(status.startTime))
  if (status?.completionTime) writer.field('Completed At', longTime(status.completionTime))
  if (status?.startTime && status.completionTime) {
    const took = Date.parse(status.completionTime) - Date.parse(status.startTime)
    writer.field('Duration', humanDuration(took))
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    writer.field('Active Deadline Seconds', `${spec.activeDeadlineSeconds}s`)
  }
  const { active = 0, ready, succeeded = 0, failed = 0 } = status ?? {}
  const readyText = ready === undefined ? '' : ` (${ready} Ready)`
  writer.field(
    'Pods Statuses',
    `${active} Active${readyText} / ${succeeded} Succeeded / ${failed} Failed`,
  )
  if (spec?.completionMode === 'Indexed') {
    writer.field('Completed Indexes', cutIndexes(status?.completedIndexes))
  }
  describePodTemplate(writer, spec?.template)
  await writeEvents(object, context)
}

/** Cut behind the first comma after 50 characters. */
function cutIndexes(text = ''): string {
  if (text === '') return '<none>'
  const comma = text.indexOf(',', 50)
  return comma < 0 ? text : `${text.slice(0, comma + 1)}...`
}

export async function describeCronJob(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer } = context
  const { spec, status } = object as unknown as CronJob
  writeIdentity(writer, object)
  writer.field('Schedule', spec?.schedule)
  writer.field('Concurrency Policy', spec?.concurrencyPolicy)
  const suspend = spec?.suspend
  writer.field('Suspend', suspend === undefined ? '<unset>' : suspend ? 'True' : 'False')
  if (spec?.timeZone) writer.field('Time Zone', spec.timeZone)
  writer.field('Successful Job History Limit', spec?.successfulJobsHistoryLimit ?? '<unset>')
  writer.field('Failed Job History Limit', spec?.failedJobsHistoryLimit ?? '<unset>')
  const deadline = spec?.startingDeadlineSeconds
  writer.field('Starting Deadline Seconds', deadline === undefined ? '<unset>' : `${deadline}s`)
  const job = spec?.jobTemplate?.spec
  writer.field('Selector', job?.selector ? selectorText(job.selector) : '<unset>')
  writer.field('Parallelism', job?.parallelism ?? '<unset>')
  writer.field('Completions', job?.completions ?? '<unset>')
  if (job?.activeDeadlineSeconds !== undefined) {
    writer.field('Active Deadline Seconds', `${job.activeDeadlineSeconds}s`)
  }
  describePodTemplate(writer, job?.template)
  const last = status?.lastScheduleTime
  writer.field('Last Schedule Time', last ? longTime(last) : '<unset>')
  const active = (status?.active ?? []).map(({ name }) => name).join(', ')
  writer.field('Active Jobs', active || '<none>')
  await writeEvents(object, context)
}
