import { type Clock, type LogOptions, type LogSource, NodeRefusal, type Pod } from '@miniplane/api'
import type { Inside } from '../container/machine.js'
import { replay } from '../container/replay.js'
import type { ContainerRun } from '../pod/container-run.js'
import { annotations } from '../pod/script.js'
import { type LogLine, linesOf, selected } from './log-lines.js'

export interface LogContext {
  readonly clock: Clock
  readonly pod: Pod
  readonly container: ContainerRun
  /** As it was when it began. */
  readonly inside: () => Promise<Inside>
  /** Aborted when the run is over. */
  readonly signal: AbortSignal
}

interface RunSpan {
  readonly fromMs: number
  readonly endMs: number | undefined
}

/** What a container has printed, and will. Throws `NodeRefusal` when there is nothing to speak of. */
export function logSource(context: LogContext, options: LogOptions): LogSource {
  const run = runAskedFor(context, options)
  return async function* (signal) {
    const { clock, inside } = context
    const nowMs = clock.now()
    const follows = options.follow && run.endMs === undefined
    const made = await inside()
    const over = AbortSignal.any([signal, context.signal])
    // Up to the moment from which the coming ones count: time goes on while files are made.
    const untilNow = { ...run, endMs: run.endMs ?? nowMs }
    const past = linesAt(made, untilNow, { ...context, follows: false, signal })
    const coming = follows
      ? after(nowMs, linesAt(await inside(), run, { ...context, follows, signal: over }))
      : undefined
    yield* selected(past, coming && untilOver(coming, over), options)
  }
}

/** Which run of the container it is about: this one, the last one, or none that anybody knows of. */
function runAskedFor({ pod, container }: LogContext, { previous }: LogOptions): RunSpan {
  const { state, last, name, sinceMs } = container
  const about = `${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)}`
  const ended = last && { fromMs: last.startedAtMs, endMs: last.finishedAtMs }
  if (previous) {
    if (ended && state.kind !== 'terminated') return ended
    throw new NodeRefusal(400, `previous terminated container ${about} not found`)
  }
  if (state.kind === 'running') return { fromMs: sinceMs, endMs: undefined }
  if (ended) return ended
  const reason = state.kind === 'waiting' ? state.reason : ''
  throw new NodeRefusal(400, `container ${about} is waiting to start: ${waitingText(reason)}`)
}

function waitingText(reason: string): string {
  if (reason === 'ErrImagePull') return "image can't be pulled"
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image'
  return reason || 'no reason given'
}

/** Said by an annotation, or what the command of the container prints. */
function linesAt(
  inside: Inside,
  { fromMs, endMs }: RunSpan,
  given: LogContext & { readonly follows: boolean },
): AsyncIterable<LogLine> {
  const { pod, clock, follows, signal } = given
  const text = pod.metadata.annotations?.[annotations.log]
  if (text !== undefined) return scripted(text, fromMs)
  return linesOf(replay(inside, { fromMs, endMs, follows }, clock, signal))
}

async function* scripted(text: string, timeMs: number): AsyncGenerator<LogLine> {
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
    yield { timeMs, bytes: Buffer.from(line) }
}

async function* after(timeMs: number, lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine> {
  for await (const line of lines) if (line.timeMs > timeMs) yield line
}

/** A container that has nothing more to say lives on, and so does its log. */
async function* untilOver(
  lines: AsyncIterable<LogLine>,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  yield* lines
  if (signal.aborted) return
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
}
