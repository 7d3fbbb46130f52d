import type {
  CronJob,
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  LabelSelector,
  PodDisruptionBudget,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '@miniplane/api'
import { labelSelectorFrom } from '@miniplane/api'
import {
  ageColumn,
  type Column,
  column,
  labelsText,
  NONE,
  nameColumn,
  orNone,
  table,
  wide,
} from './column.js'
import { docs } from './docs.js'
import { ageOf, humanDuration } from './duration.js'
import { metricsText } from './metrics.js'

const selectorText = (selector: LabelSelector | null | undefined): string =>
  selector ? labelSelectorFrom(selector).toString() || NONE : NONE

/** The containers and images of a template, for `-o wide`. */
function templateColumns<T>(templateOf: (object: T) => PodTemplateSpec | undefined): Column<T>[] {
  const containersOf = (object: T) => templateOf(object)?.spec.containers ?? []
  return [
    wide('Containers', 'string', docs.containers, (object) =>
      containersOf(object)
        .map(({ name }) => name)
        .join(','),
    ),
    wide('Images', 'string', docs.images, (object) =>
      containersOf(object)
        .map(({ image }) => image ?? '')
        .join(','),
    ),
  ]
}

export const deploymentTable = table<Deployment>([
  nameColumn,
  column(
    'Ready',
    'string',
    docs.readyPods,
    ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
  ),
  column(
    'Up-to-date',
    'string',
    docs.deploymentUpdated,
    ({ status }) => status.updatedReplicas ?? 0,
  ),
  column(
    'Available',
    'string',
    docs.deploymentAvailable,
    ({ status }) => status.availableReplicas ?? 0,
  ),
  ageColumn,
  ...templateColumns<Deployment>(({ spec }) => spec.template),
  wide('Selector', 'string', docs.deploymentSelector, ({ spec }) => selectorText(spec.selector)),
])

export const replicaSetTable = table<ReplicaSet>([
  nameColumn,
  column('Desired', 'integer', docs.replicaSetDesired, ({ spec }) => spec.replicas ?? 0),
  column('Current', 'integer', docs.replicaSetCurrent, ({ status }) => status.replicas ?? 0),
  column('Ready', 'integer', docs.replicaSetReady, ({ status }) => status.readyReplicas ?? 0),
  ageColumn,
  ...templateColumns<ReplicaSet>(({ spec }) => spec.template),
  wide('Selector', 'string', docs.replicaSetSelector, ({ spec }) => selectorText(spec.selector)),
])

export const replicationControllerTable = table<ReplicationController>([
  nameColumn,
  column('Desired', 'integer', docs.controllerDesired, ({ spec }) => spec.replicas ?? 0),
  column('Current', 'integer', docs.controllerCurrent, ({ status }) => status.replicas ?? 0),
  column('Ready', 'integer', docs.controllerReady, ({ status }) => status.readyReplicas ?? 0),
  ageColumn,
  ...templateColumns<ReplicationController>(({ spec }) => spec.template),
  wide('Selector', 'string', docs.controllerSelector, ({ spec }) => labelsText(spec.selector)),
])

export const statefulSetTable = table<StatefulSet>([
  nameColumn,
  column(
    'Ready',
    'string',
    docs.readyPods,
    ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
  ),
  ageColumn,
  ...templateColumns<StatefulSet>(({ spec }) => spec.template),
])

export const daemonSetTable = table<DaemonSet>([
  nameColumn,
  column(
    'Desired',
    'integer',
    docs.daemonSetDesired,
    ({ status }) => status.desiredNumberScheduled ?? 0,
  ),
  column(
    'Current',
    'integer',
    docs.daemonSetCurrent,
    ({ status }) => status.currentNumberScheduled ?? 0,
  ),
  column('Ready', 'integer', docs.daemonSetReady, ({ status }) => status.numberReady ?? 0),
  column(
    'Up-to-date',
    'integer',
    docs.daemonSetUpdated,
    ({ status }) => status.updatedNumberScheduled ?? 0,
  ),
  column(
    'Available',
    'integer',
    docs.daemonSetAvailable,
    ({ status }) => status.numberAvailable ?? 0,
  ),
  column('Node Selector', 'string', docs.nodeSelector, ({ spec }) =>
    labelsText(spec.template.spec.nodeSelector),
  ),
  ageColumn,
  ...templateColumns<DaemonSet>(({ spec }) => spec.template),
  wide('Selector', 'string', docs.daemonSetSelector, ({ spec }) => selectorText(spec.selector)),
])

const isTrue = (job: Job, type: string) =>
  job.status.conditions?.some((one) => one.type === type && one.status === 'True') ?? false

function jobStatus(job: Job): string {
  if (isTrue(job, 'Complete')) return 'Complete'
  if (isTrue(job, 'Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp) return 'Terminating'
  if (isTrue(job, 'Suspended')) return 'Suspended'
  if (isTrue(job, 'FailureTarget')) return 'FailureTarget'
  if (isTrue(job, 'SuccessCriteriaMet')) return 'SuccessCriteriaMet'
  return 'Running'
}

function jobCompletions({ spec, status }: Job): string {
  const succeeded = status.succeeded ?? 0
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function jobDuration(job: Job, nowMs: number): string {
  const { startTime, completionTime } = job.status
  if (!startTime) return ''
  // A Job that failed has no time of completion: its clock runs on.
  return humanDuration(
    (completionTime ? Date.parse(completionTime) : nowMs) - Date.parse(startTime),
  )
}

export const jobTable = table<Job>([
  nameColumn,
  column('Status', 'string', docs.jobStatus, jobStatus),
  column('Completions', 'string', docs.jobCompletions, jobCompletions),
  column('Duration', 'string', docs.jobDuration, jobDuration),
  ageColumn,
  ...templateColumns<Job>(({ spec }) => spec.template),
  wide('Selector', 'string', docs.jobSelector, ({ spec }) => selectorText(spec.selector)),
])

export const cronJobTable = table<CronJob>([
  nameColumn,
  column('Schedule', 'string', docs.schedule, ({ spec }) => spec.schedule),
  column('Timezone', 'string', docs.timeZone, ({ spec }) => orNone(spec.timeZone)),
  column('Suspend', 'boolean', docs.suspend, ({ spec }) => (spec.suspend ? 'True' : 'False')),
  column('Active', 'integer', docs.activeJobs, ({ status }) => status.active?.length ?? 0),
  column('Last Schedule', 'string', docs.lastSchedule, ({ status }, nowMs) =>
    status.lastScheduleTime ? ageOf(status.lastScheduleTime, nowMs) : NONE,
  ),
  ageColumn,
  ...templateColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template),
  wide('Selector', 'string', docs.jobSelector, ({ spec }) =>
    selectorText(spec.jobTemplate.spec.selector),
  ),
])

export const podDisruptionBudgetTable = table<PodDisruptionBudget>([
  nameColumn,
  column(
    'Min Available',
    'string',
    'The minimum number of pods that must be available.',
    ({ spec }) => (spec.minAvailable === undefined ? 'N/A' : `${spec.minAvailable}`),
  ),
  column(
    'Max Unavailable',
    'string',
    'The maximum number of pods that may be unavailable.',
    ({ spec }) => (spec.maxUnavailable === undefined ? 'N/A' : `${spec.maxUnavailable}`),
  ),
  column(
    'Allowed Disruptions',
    'integer',
    'Calculated number of pods that may be disrupted at this time.',
    ({ status }) => status.disruptionsAllowed ?? 0,
  ),
  ageColumn,
])

export const autoscalerTable = table<HorizontalPodAutoscaler>([
  nameColumn,
  column('Reference', 'string', docs.scaleTarget, ({ spec }) => {
    const { kind, name } = spec.scaleTargetRef
    return `${kind}/${name}`
  }),
  column('Targets', 'string', docs.scaleMetrics, metricsText),
  column('MinPods', 'string', docs.scaleMin, ({ spec }) =>
    spec.minReplicas === undefined ? '<unset>' : `${spec.minReplicas}`,
  ),
  column('MaxPods', 'string', docs.scaleMax, ({ spec }) => spec.maxReplicas),
  column('Replicas', 'string', docs.scaleCurrent, ({ status }) => status.currentReplicas ?? 0),
  ageColumn,
])
