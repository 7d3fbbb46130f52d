import { createHash } from 'node:crypto'
import { type ContainerState, type ContainerStatus, formatTime } from '@miniplane/api'
import type { ContainerRun, RunState, Termination } from './container-run.js'

/** A container's run in the API's words. */
export function containerStatus(c: ContainerRun): ContainerStatus {
  return {
    name: c.name,
    state: stateOf(c.state, c.sinceMs),
    lastState: c.last && c.state.kind !== 'terminated' ? { terminated: terminated(c.last) } : {},
    ready: isReady(c),
    restartCount: c.restarts,
    image: c.image,
    imageID: c.id === undefined ? '' : imageId(c.image),
    ...(c.id === undefined ? {} : { containerID: c.id }),
    started: c.state.kind === 'running' && c.role !== 'init',
  }
}

/** An init container that has done its work counts as ready. */
export const isReady = (c: ContainerRun): boolean =>
  c.role === 'init' ? c.state.kind === 'terminated' && c.state.exitCode === 0 : c.isReady

function stateOf(state: RunState, sinceMs: number): ContainerState {
  switch (state.kind) {
    case 'waiting': {
      const { reason, message } = state
      return { waiting: message === undefined ? { reason } : { reason, message } }
    }
    case 'running':
      return { running: { startedAt: formatTime(sinceMs) } }
    case 'terminated':
      return { terminated: terminated(state) }
    default:
      return state satisfies never
  }
}

const terminated = ({ exitCode, reason, startedAtMs, finishedAtMs, id }: Termination) => ({
  exitCode,
  reason,
  startedAt: formatTime(startedAtMs),
  finishedAt: formatTime(finishedAtMs),
  containerID: id,
})

/** The same image has the same id, on every node. */
const imageId = (image: string): string =>
  `sha256:${createHash('sha256').update(image).digest('hex')}`
