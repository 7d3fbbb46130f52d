import type { Log } from '@miniplane/client'
import { type Level, pino } from 'pino'

/** Structured logs on standard error, one JSON document a line. */
export function pinoLog(level: Level): Log {
  const logger = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }))
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error'): Log['debug'] =>
    (message, details) => {
      const { error, ...rest } = details ?? {}
      logger[name](error === undefined ? rest : { ...rest, err: error }, message)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
