import { formatDuration, type Pod, type Random } from '@miniplane/api'
import { timing } from '../limits.js'
import {
  type CommandEnd,
  type ContainerRun,
  containerNamed,
  type RunState,
} from './container-run.js'
import { containerId, type PodRun, wantedImage } from './pod-run.js'
import type { Script } from './script.js'

/** One step in a container's life. */
export interface Transition {
  readonly name: string
  readonly from: RunState['kind']
  /** The moment at which it happens; undefined: not as things stand. */
  dueMs(container: ContainerRun, run: PodRun): number | undefined
  apply(container: ContainerRun, run: PodRun, atMs: number, random: Random): void
}

/**
 * A container's whole life. What is due first happens first; of two at the same moment, the one
 * that stands higher in the table.
 */
export const transitions: readonly Transition[] = [
  {
    name: 'image can not be pulled',
    from: 'waiting',
    dueMs: (c, run) => (run.script.pullFails && isNew(c) ? startDueMs(c, run) : undefined),
    apply: (c, run, atMs) => pullFailed(c, run, atMs),
  },
  {
    name: 'pulling backs off',
    from: 'waiting',
    dueMs: (c) => (waitsFor(c, 'ErrImagePull') ? c.sinceMs + timing.pullErrorMs : undefined),
    apply(c, _run, atMs) {
      c.backoffMs = nextBackoffMs(c.backoffMs)
      const message = `Back-off pulling image "${c.image}": ${pullError(c)}`
      enter(c, { kind: 'waiting', reason: 'ImagePullBackOff', message }, atMs)
    },
  },
  {
    name: 'image is pulled again',
    from: 'waiting',
    dueMs(c, run) {
      if (!waitsFor(c, 'ImagePullBackOff')) return undefined
      return run.script.pullFails ? c.sinceMs + c.backoffMs : c.sinceMs
    },
    apply(c, run, atMs, random) {
      if (run.script.pullFails) pullFailed(c, run, atMs)
      else start(c, run, atMs, random)
    },
  },
  {
    name: 'starts',
    from: 'waiting',
    dueMs: (c, run) => (isNew(c) ? startDueMs(c, run) : undefined),
    apply: start,
  },
  {
    name: 'starts again',
    from: 'waiting',
    dueMs: (c) => (waitsFor(c, 'CrashLoopBackOff') ? c.sinceMs + c.backoffMs : undefined),
    apply(c, run, atMs, random) {
      c.backoffMs = nextBackoffMs(c.backoffMs)
      c.restarts++
      start(c, run, atMs, random)
    },
  },
  {
    name: 'gets another image',
    from: 'running',
    dueMs: (c, { pod }) => (wantedImage(pod, c) === c.image ? undefined : c.sinceMs),
    apply(c, run, atMs, random) {
      end(c, 0, atMs)
      c.restarts++
      start(c, run, atMs, random)
    },
  },
  {
    name: 'becomes ready',
    from: 'running',
    dueMs(c, { script }) {
      if (c.isReady || c.role === 'init' || c.role === 'ephemeral') return undefined
      if (c.role === 'sidecar') return c.sinceMs
      return script.becomesReady ? c.sinceMs + script.readyDelayMs : undefined
    },
    apply(c) {
      c.isReady = true
    },
  },
  {
    name: 'is no longer ready',
    from: 'running',
    dueMs: (c, { script }) =>
      c.isReady && c.role === 'main' && !script.becomesReady ? c.sinceMs : undefined,
    apply(c) {
      c.isReady = false
    },
  },
  {
    name: 'ends',
    from: 'running',
    dueMs: endDueMs,
    apply(c, { script }, atMs) {
      const known = knownEnd(c)
      // One that is stopped before its command ends has nothing to complain of.
      const isDone = known !== undefined && c.sinceMs + known.afterMs <= atMs
      end(c, scriptedExit(c, script) ?? (isDone ? known.exitCode : 0), atMs)
    },
  },
  {
    name: 'is restarted, at first at once and then after a pause',
    from: 'terminated',
    dueMs: (c, run) => (mayRestart(c, run) ? c.sinceMs : undefined),
    apply(c, run, atMs, random) {
      if (c.last && c.last.finishedAtMs - c.last.startedAtMs >= timing.crashBackoffResetMs) {
        c.backoffMs = 0
      }
      if (c.backoffMs > 0) return backOff(c, run, atMs)
      c.backoffMs = nextBackoffMs(0)
      c.restarts++
      start(c, run, atMs, random)
    },
  },
]

/** Main containers are over for good: nothing will run again. */
export const isOver = (run: PodRun): boolean =>
  run.containers
    .filter(({ role }) => role === 'main')
    .every((c) => c.state.kind === 'terminated' && !mayRestart(c, run))

/** A failed init container that is not tried again fails the Pod. */
export const hasFailedInit = (run: PodRun): boolean =>
  run.containers.some((c) => c.role === 'init' && isFailed(c) && !mayRestart(c, run))

export function end(c: ContainerRun, exitCode: number, atMs: number, reason?: string): void {
  const termination = {
    exitCode,
    reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    startedAtMs: c.sinceMs,
    finishedAtMs: atMs,
    id: c.id ?? '',
  }
  c.isReady = false
  c.last = termination
  enter(c, { kind: 'terminated', ...termination }, atMs)
}

function start(c: ContainerRun, { pod, script }: PodRun, atMs: number, random: Random): void {
  c.id = containerId(random)
  c.image = wantedImage(pod, c)
  const endsByItself = c.role === 'init' || (c.role === 'main' && script.ends)
  const isAsked = endsByItself && scriptedExit(c, script) === undefined && hasCommand(pod, c)
  c.end = isAsked ? 'asked' : undefined
  enter(c, { kind: 'running' }, atMs)
}

function scriptedExit({ role }: ContainerRun, script: Script): number | undefined {
  if (role === 'main') return script.exitCode
  return role === 'init' ? script.initExitCode : undefined
}

/** One that waits for input says nothing before it has some. */
function hasCommand(pod: Pod, { name }: ContainerRun): boolean {
  const { command, args, stdin } = containerNamed(pod, name)
  return stdin !== true && Boolean(command?.length || args?.length)
}

function enter(c: ContainerRun, state: RunState, atMs: number): void {
  c.state = state
  c.sinceMs = atMs
}

function backOff(c: ContainerRun, { pod }: PodRun, atMs: number): void {
  const { name, namespace, uid } = pod.metadata
  const message = `back-off ${formatDuration(c.backoffMs)} restarting failed container=${c.name} pod=${name}_${namespace}(${uid})`
  enter(c, { kind: 'waiting', reason: 'CrashLoopBackOff', message }, atMs)
}

function pullFailed(c: ContainerRun, { pod }: PodRun, atMs: number): void {
  c.image = wantedImage(pod, c)
  enter(c, { kind: 'waiting', reason: 'ErrImagePull', message: pullError(c) }, atMs)
}

const pullError = (c: ContainerRun) =>
  `failed to pull and unpack image "${c.image}": failed to resolve reference "${c.image}": not found`

const nextBackoffMs = (ms: number) =>
  ms === 0 ? timing.crashBackoffFirstMs : Math.min(ms * 2, timing.crashBackoffMaxMs)

const waitsFor = (c: ContainerRun, reason: string) =>
  c.state.kind === 'waiting' && c.state.reason === reason

const isNew = (c: ContainerRun) =>
  waitsFor(c, 'ContainerCreating') || waitsFor(c, 'PodInitializing')

const isFailed = ({ state }: ContainerRun) => state.kind === 'terminated' && state.exitCode !== 0

function mayRestart(c: ContainerRun, run: PodRun): boolean {
  if (run.verdict || c.role === 'ephemeral') return false
  if (c.role === 'sidecar') return !isOver(run)
  return c.restartPolicy === 'Always' || (c.restartPolicy === 'OnFailure' && isFailed(c))
}

function startDueMs(c: ContainerRun, run: PodRun): number | undefined {
  const turnMs = turnSinceMs(c, run)
  return turnMs === undefined ? undefined : turnMs + run.script.startDelayMs
}

/** Since when everything is done that has to come before this container. */
function turnSinceMs(c: ContainerRun, run: PodRun): number | undefined {
  if (c.role === 'ephemeral') return c.sinceMs
  let sinceMs = run.startedAtMs
  for (const earlier of run.containers) {
    if (earlier === c) break
    if (earlier.role !== 'init' && earlier.role !== 'sidecar') continue
    const isDone =
      earlier.role === 'sidecar'
        ? earlier.state.kind === 'running'
        : earlier.state.kind === 'terminated' && earlier.state.exitCode === 0
    if (!isDone) return undefined
    sinceMs = Math.max(sinceMs, earlier.sinceMs)
  }
  return sinceMs
}

function endDueMs(c: ContainerRun, run: PodRun): number | undefined {
  if (c.isHeld || c.end === 'asked') return undefined
  const { ends, runMs, initRunMs } = run.script
  const commandMs = knownEnd(c)?.afterMs ?? 0
  switch (c.role) {
    case 'init':
      return atOrNever(c.sinceMs + (initRunMs ?? commandMs))
    case 'main':
      return ends ? atOrNever(c.sinceMs + (runMs ?? Math.max(commandMs, timing.runMs))) : undefined
    case 'sidecar':
      return isOver(run) ? c.sinceMs : undefined
    case 'ephemeral':
      return undefined
    default:
      return c.role satisfies never
  }
}

const knownEnd = ({ end }: ContainerRun): CommandEnd | undefined =>
  end === 'asked' ? undefined : end

const atOrNever = (ms: number): number | undefined => (Number.isFinite(ms) ? ms : undefined)
