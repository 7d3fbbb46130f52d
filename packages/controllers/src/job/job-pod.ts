import { type Job, type KubeObject, nameSuffix, type Pod, type Random } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { podFromTemplate } from '../pod-control/pod-from-template.js'

export type JobObject = Job & KubeObject
export type PodObject = Pod & KubeObject

/** Holds an ended Pod until it is counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking'
const INDEX = 'batch.kubernetes.io/job-completion-index'

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'

/** Undefined for Pods of a Job without indexes. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

export const isTracked = ({ metadata }: Pod): boolean =>
  metadata.finalizers?.includes(TRACKING) ?? false

/** A Pod for the Job; with an index its containers learn it, and its name shows it. */
export function jobPod(job: JobObject, index: number | undefined, random: Random): Pod {
  const pod = podFromTemplate(job.spec.template, job, resources.jobs)
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING]
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } }
  const name = `${job.metadata.name}-${index}`
  const { generateName: _, ...metadata } = pod.metadata
  const env = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } },
  }
  const withIndex = (container: Pod['spec']['containers'][number]) => ({
    ...container,
    env: [...(container.env ?? []).filter((each) => each.name !== env.name), env],
  })
  const { initContainers } = pod.spec
  return {
    ...pod,
    metadata: {
      ...metadata,
      name: `${name}-${nameSuffix(random)}`,
      generateName: `${name}-`,
      finalizers,
      labels: { ...metadata.labels, [INDEX]: String(index) },
      annotations: { ...metadata.annotations, [INDEX]: String(index) },
    },
    spec: {
      ...pod.spec,
      hostname: pod.spec.hostname || name,
      containers: pod.spec.containers.map(withIndex),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
    },
  }
}
