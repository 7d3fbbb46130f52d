import type { Log } from '@miniplane/client'
import type { Level, Logger } from 'pino'

type LogLevel = 'debug' | 'info' | 'warn' | 'error'

const ORDER: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/**
 * Structured logs on standard error, one JSON document a line. The logger is loaded with the first
 * message: a plane that has nothing to say starts without waiting for it.
 */
export function pinoLog(level: Level): Log {
  let loading: Promise<Logger> | undefined
  const load = async (): Promise<Logger> => {
    // Its one name in the bundle as well, which doesn't know the others.
    const { default: pino } = await import('pino')
    return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }))
  }
  const at = (name: LogLevel): Log['debug'] => {
    if (ORDER.indexOf(name) < ORDER.indexOf(level)) return () => {}
    return (message, details) => {
      const { error, ...rest } = details ?? {}
      loading ??= load()
      void loading.then((logger) =>
        logger[name](error === undefined ? rest : { ...rest, err: error }, message),
      )
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
