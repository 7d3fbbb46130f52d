import { DurationError, type Pod, parseDuration } from '@miniplane/api'
import { timing } from '../limits.js'

/**
 * How a Pod without containers behaves. Its annotations say it, and may be changed while it runs:
 *
 *     miniplane/start-delay: 2s     each container takes this long to start
 *     miniplane/ready-delay: 5s     and this long to become ready
 *     miniplane/ready: "false"      never becomes ready
 *     miniplane/run-duration: 3s    ends after so long (Never, OnFailure: as its command, after 1s or more)
 *     miniplane/run: forever        never ends
 *     miniplane/exit-code: "1"      and this is how
 *     miniplane/init-duration: 2s   each init container runs this long (unless said: as its command)
 *     miniplane/init-exit-code: "1" and ends like this
 *     miniplane/image-pull: fail    the images can't be pulled
 *     miniplane/stop-delay: 10s     takes this long to stop when deleted
 *     miniplane/log: "…"            its log, whatever its command would have printed
 */
export interface Script {
  readonly startDelayMs: number
  readonly readyDelayMs: number
  readonly becomesReady: boolean
  /** Main containers end by themselves. */
  readonly ends: boolean
  /** After so long. Absent: as the command says. */
  readonly runMs: number | undefined
  /** Absent: as its command says. */
  readonly exitCode: number | undefined
  readonly initRunMs: number | undefined
  readonly initExitCode: number | undefined
  readonly pullFails: boolean
  readonly stopMs: number
}

export const annotations = {
  startDelay: 'miniplane/start-delay',
  readyDelay: 'miniplane/ready-delay',
  ready: 'miniplane/ready',
  runDuration: 'miniplane/run-duration',
  run: 'miniplane/run',
  exitCode: 'miniplane/exit-code',
  initDuration: 'miniplane/init-duration',
  initExitCode: 'miniplane/init-exit-code',
  imagePull: 'miniplane/image-pull',
  stopDelay: 'miniplane/stop-delay',
  log: 'miniplane/log',
} as const

/** What can't be understood counts as not said: a Pod is never refused for its script. */
export function scriptOf({ metadata, spec }: Pod): Script {
  const said = metadata.annotations ?? {}
  const durationMs = (name: string) => durationOf(said[name])
  const exitCode = (name: string) => {
    const text = said[name]
    return text === undefined ? undefined : Number.parseInt(text, 10) || 0
  }
  const ends =
    spec.restartPolicy !== 'Always' ||
    said[annotations.runDuration] !== undefined ||
    said[annotations.exitCode] !== undefined
  return {
    startDelayMs: durationMs(annotations.startDelay) ?? 0,
    readyDelayMs: durationMs(annotations.readyDelay) ?? 0,
    becomesReady: said[annotations.ready] !== 'false',
    ends: ends && said[annotations.run] !== 'forever',
    runMs: durationMs(annotations.runDuration),
    exitCode: exitCode(annotations.exitCode),
    initRunMs: durationMs(annotations.initDuration),
    initExitCode: exitCode(annotations.initExitCode),
    pullFails: said[annotations.imagePull] === 'fail',
    stopMs: durationMs(annotations.stopDelay) ?? timing.stopMs,
  }
}

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    return Math.max(0, parseDuration(text))
  } catch (error) {
    if (error instanceof DurationError) return undefined
    throw error
  }
}
