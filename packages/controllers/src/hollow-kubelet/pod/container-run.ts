import type { Container, ContainerState, ContainerStatus, Pod } from '@miniplane/api'

/**
 * - `init`: runs to its end, one after another, before all else;
 * - `sidecar`: an init container that stays (restartPolicy Always);
 * - `main`: what the Pod is for;
 * - `ephemeral`: put into a running Pod to look at it.
 */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral'

/** A pretended container: where it stands, since when, and what was before. */
export interface ContainerRun {
  readonly name: string
  image: string
  readonly role: ContainerRole
  /** Its own restart policy, or else the Pod's. */
  readonly restartPolicy: string
  state: RunState
  /** When it entered the state, in ms since the epoch. */
  sinceMs: number
  /** Absent until the first start. */
  id: string | undefined
  /** How it ended the last time. */
  last: Termination | undefined
  isReady: boolean
  restarts: number
  /** Somebody is at its input: it does not end by itself. */
  isHeld: boolean
  /**
   * How this run ends, where its command says it; `asked` until that is found out, and so long it
   * doesn't end by itself.
   */
  end: CommandEnd | 'asked' | undefined
  /** The pause before the next restart, or before the image is tried again. */
  backoffMs: number
}

/** How a command ends that nobody disturbs. */
export interface CommandEnd {
  readonly exitCode: number
  /** Since its start; infinite for one that goes on for ever. */
  readonly afterMs: number
}

export type RunState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running' }
  | ({ readonly kind: 'terminated' } & Termination)

export interface Termination {
  readonly exitCode: number
  readonly reason: string
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly id: string
}

/** All of a Pod's containers, in the order in which they start; takes up where a status left off. */
export function containerRuns(pod: Pod, nowMs: number): ContainerRun[] {
  const { spec, status } = pod
  const policy = spec.restartPolicy ?? 'Always'
  const inits = (spec.initContainers ?? []).map((container) => {
    const isSidecar = container.restartPolicy === 'Always'
    // An init container of a Pod that restarts for ever is done once it has succeeded.
    const restartPolicy = isSidecar ? 'Always' : policy === 'Always' ? 'OnFailure' : policy
    return newRun(container, isSidecar ? 'sidecar' : 'init', restartPolicy, nowMs)
  })
  const mains = spec.containers.map((container) =>
    newRun(container, 'main', container.restartPolicy ?? policy, nowMs),
  )
  if (inits.length > 0) {
    for (const run of [...inits, ...mains]) run.state = INITIALIZING
  }
  const runs = [...inits, ...mains, ...ephemeralRuns(pod, nowMs)]
  const statuses = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ]
  for (const known of statuses) {
    const run = runs.find(({ name }) => name === known.name)
    if (run) restore(run, known, nowMs)
  }
  return runs
}

/** The container of that name, whatever its role; an empty one for none. */
export function containerNamed({ spec }: Pod, name: string): Container {
  const all = [
    ...spec.containers,
    ...(spec.initContainers ?? []),
    ...((spec.ephemeralContainers ?? []) as unknown as Container[]),
  ]
  return all.find((one) => one.name === name) ?? ({ name, resources: {} } as Container)
}

export const ephemeralRuns = ({ spec }: Pod, nowMs: number): ContainerRun[] =>
  (spec.ephemeralContainers ?? []).map((container) =>
    newRun(container, 'ephemeral', 'Never', nowMs),
  )

const CREATING: RunState = { kind: 'waiting', reason: 'ContainerCreating' }
const INITIALIZING: RunState = { kind: 'waiting', reason: 'PodInitializing' }

const newRun = (
  container: { readonly name: string; readonly image?: string },
  role: ContainerRole,
  restartPolicy: string,
  nowMs: number,
): ContainerRun => ({
  name: container.name,
  image: container.image ?? '',
  role,
  restartPolicy,
  state: CREATING,
  sinceMs: nowMs,
  id: undefined,
  last: undefined,
  isReady: false,
  restarts: 0,
  isHeld: false,
  end: undefined,
  backoffMs: 0,
})

/** After the kubelet itself was away: its containers have gone on. */
function restore(run: ContainerRun, status: ContainerStatus, nowMs: number): void {
  run.restarts = status.restartCount
  run.isReady = status.ready
  run.id = status.containerID || undefined
  run.last = terminationOf(status.lastState)
  const { running, terminated, waiting } = status.state
  if (running) {
    run.state = { kind: 'running' }
    run.sinceMs = timeOf(running.startedAt, nowMs)
  } else if (terminated) {
    const termination = terminationOf(status.state)
    if (termination) run.state = { kind: 'terminated', ...termination }
    run.sinceMs = timeOf(terminated.finishedAt, nowMs)
  } else if (waiting?.reason) {
    run.state = {
      kind: 'waiting',
      reason: waiting.reason,
      ...(waiting.message ? { message: waiting.message } : {}),
    }
  }
}

function terminationOf({ terminated }: ContainerState): Termination | undefined {
  if (!terminated) return undefined
  return {
    exitCode: terminated.exitCode,
    reason: terminated.reason ?? '',
    startedAtMs: timeOf(terminated.startedAt, 0),
    finishedAtMs: timeOf(terminated.finishedAt, 0),
    id: terminated.containerID ?? '',
  }
}

const timeOf = (text: string | null | undefined, otherwise: number): number =>
  text ? Date.parse(text) : otherwise
