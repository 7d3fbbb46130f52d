import type { Pod, Random } from '@miniplane/api'
import { type ContainerRun, containerRuns, ephemeralRuns } from './container-run.js'
import { type Script, scriptOf } from './script.js'

/** A Pod on its node: the Pod as last seen, and its pretended containers. */
export interface PodRun {
  pod: Pod
  script: Script
  readonly containers: ContainerRun[]
  readonly startedAtMs: number
  readonly podIP: string
  readonly hostIP: string
  /** Set when the kubelet itself ended the Pod: `DeadlineExceeded`. */
  verdict: { readonly reason: string; readonly message: string } | undefined
}

export interface PodRunInput {
  readonly pod: Pod
  readonly podIP: string
  readonly hostIP: string
  readonly nowMs: number
}

export function podRun({ pod, podIP, hostIP, nowMs }: PodRunInput): PodRun {
  const { startTime } = pod.status
  return {
    pod,
    script: scriptOf(pod),
    containers: containerRuns(pod, nowMs),
    startedAtMs: startTime ? Date.parse(startTime) : nowMs,
    podIP,
    hostIP,
    verdict: undefined,
  }
}

/** Takes over a newer version of the Pod: its script may have changed, or containers were added. */
export function refresh(run: PodRun, pod: Pod, nowMs: number): void {
  if (run.pod.metadata.annotations !== pod.metadata.annotations) run.script = scriptOf(pod)
  run.pod = pod
  const known = new Set(run.containers.map(({ name }) => name))
  for (const added of ephemeralRuns(pod, nowMs)) {
    if (!known.has(added.name)) run.containers.push(added)
  }
}

/** What the spec wants the container to run now; it may have been changed since it started. */
export function wantedImage({ spec }: Pod, { name, image }: ContainerRun): string {
  const all = [...spec.containers, ...(spec.initContainers ?? [])]
  return all.find((container) => container.name === name)?.image ?? image
}

const HEX_BYTES = 32

/** As containerd names its containers. */
export const containerId = (random: Random): string =>
  `containerd://${Buffer.from(random.bytes(HEX_BYTES)).toString('hex')}`
