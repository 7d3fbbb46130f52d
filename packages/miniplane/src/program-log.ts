import { isStatusError, type LogDetails } from '@miniplane/api'
import type { Log } from '@miniplane/client'
import type { Level, Logger } from 'pino'

type LogLevel = 'debug' | 'info' | 'warn' | 'error'
type Write = (level: LogLevel, message: string, details: LogDetails) => void

const ORDER: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/**
 * A program's log, on standard error: lines that a person can read on a terminal, elsewhere one JSON
 * document a line.
 */
export function programLog(level: Level): Log {
  const write = process.stderr.isTTY ? writeToTerminal : jsonWriter(level)
  const at = (name: LogLevel): Log['debug'] =>
    ORDER.indexOf(name) < ORDER.indexOf(level)
      ? () => {}
      : (message, details = {}) => write(name, message, details)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const writeToTerminal: Write = (level, message, details) =>
  void process.stderr.write(`${lineFor(level, message, details)}\n`)

export function lineFor(level: LogLevel, message: string, { error, ...rest }: LogDetails): string {
  const why = error === undefined ? '' : `: ${reasonOf(error)}`
  const facts = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`
  return `${level}: ${message}${why}${facts}`
}

const reasonOf = (error: unknown): string => {
  // A server's refusal is no fault of the code that asked: where that stands helps nobody.
  if (isStatusError(error) || !(error instanceof Error)) return String(error)
  return error.stack ?? String(error)
}

/** The logger is loaded with the first message: a plane with nothing to say doesn't wait for it. */
function jsonWriter(level: Level): Write {
  let loading: Promise<Logger> | undefined
  const load = async (): Promise<Logger> => {
    // Its one name in the bundle as well, which doesn't know the others.
    const { default: pino } = await import('pino')
    return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }))
  }
  return (name, message, { error, ...rest }) => {
    loading ??= load()
    const details =
      error === undefined ? rest : { ...rest, err: isStatusError(error) ? error.status : error }
    void loading.then((logger) => logger[name](details, message))
  }
}
