import type { Job, KubeObject, Pod } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { podFromTemplate } from '../pod-control/pod-from-template.js'
import { countAnnotations, countsAfter, hasLimitPerIndex } from './failed-index.js'
import { INDEX, TRACKING } from './pod-marks.js'

export type JobObject = Job & KubeObject
export type PodObject = Pod & KubeObject

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'
/** What the server leaves of a prefix when it makes a name. */
const PREFIX_MAX = 58

/** A Pod to be made. */
export interface PodOrder {
  /** Its completion index, if the Job has such. */
  readonly index?: number
  /** The failed Pod of that index whose place it takes. */
  readonly replaced?: Pod
}

/** A Pod for the Job; with an index its containers learn it, and its name shows it. */
export function jobPod(job: JobObject, { index, replaced }: PodOrder): Pod {
  const pod = podFromTemplate(job.spec.template, job, resources.jobs)
  const { finalizers = [] } = pod.metadata
  const held = finalizers.includes(TRACKING) ? finalizers : [...finalizers, TRACKING]
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers: held } }
  const { name = '' } = job.metadata
  const { initContainers } = pod.spec
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: prefixFor(name, index),
      finalizers: held,
      labels: { ...pod.metadata.labels, [INDEX]: String(index) },
      annotations: {
        ...pod.metadata.annotations,
        [INDEX]: String(index),
        ...(hasLimitPerIndex(job) && countAnnotations(countsAfter(job, replaced))),
      },
    },
    spec: {
      ...pod.spec,
      hostname: `${name}-${index}`,
      containers: pod.spec.containers.map(withIndex),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
    },
  }
}

/** The name of a long Job is cut, the index is not. */
function prefixFor(name: string, index: number): string {
  const suffix = `-${index}-`
  return `${name.slice(0, PREFIX_MAX - suffix.length)}${suffix}`
}

/** A variable of that name that the user has set stays. */
function withIndex(container: Pod['spec']['containers'][number]) {
  const { env = [] } = container
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } }
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom }] }
}
