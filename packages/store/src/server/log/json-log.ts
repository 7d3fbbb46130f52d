import { closeSync, openSync, writeSync } from 'node:fs'
import type { Clock } from '../../clock.js'
import type { Log, LogFields } from '../../log.js'

export interface LogOptions {
  readonly clock: Clock
  /** As `--log-level`. */
  readonly level: string
  /** As `--log-outputs`. */
  readonly outputs: readonly string[]
  readonly format: string
}

export interface ProgramLog extends Log {
  /** The last word before the program ends. */
  fatal(message: string, fields?: LogFields): void
  /** The log of a part of the program, which every line then names as its caller. */
  of(caller: string): Log
  close(): void
}

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal'
type Line = (level: Level, caller: string, message: string, fields?: LogFields) => void

const ORDER = ['debug', 'info', 'warn', 'error', 'dpanic', 'panic', 'fatal']

/**
 * A line a message, in the form of etcd's own: `{"level":"info","ts":…,"caller":…,"msg":…}`, then
 * the fields. Written at once, so that the last line before a crash is there. Throws what the file
 * system says about a file that can't be opened.
 */
export function openLog({ clock, level, outputs, format }: LogOptions): ProgramLog {
  const sinks = outputs.map(openSink)
  const print = format === 'console' ? asText : asJson
  const from = ORDER.indexOf(level)
  const line: Line = (at, caller, message, fields) => {
    if (ORDER.indexOf(at) < from) return
    const text = print(at, new Date(clock.now()).toISOString(), caller, message, fields)
    for (const sink of sinks) write(sink, text)
  }
  return {
    ...logOf(line, 'server/etcd.ts'),
    fatal: (message, fields) => line('fatal', 'server/etcd.ts', message, fields),
    of: (caller) => logOf(line, caller),
    close() {
      for (const sink of sinks) if (sink > 2) closeSync(sink)
    },
  }
}

function logOf(line: Line, caller: string): Log {
  const at =
    (level: Level): Log['info'] =>
    (message, fields) =>
      line(level, caller, message, fields)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A file descriptor. */
function openSink(output: string): number {
  if (output === 'stdout') return 1
  if (output === 'stderr' || output === 'default') return 2
  return openSync(output, 'a', 0o600)
}

/** Whoever reads our output may be slow, or gone: neither may stop a member. */
function write(sink: number, text: string): void {
  try {
    writeSync(sink, text)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!['EAGAIN', 'EPIPE', 'ENOSPC', 'EIO'].includes(code)) throw error
  }
}

function asJson(level: Level, ts: string, caller: string, msg: string, fields: LogFields = {}) {
  return `${JSON.stringify({ level, ts, caller, msg, ...fields }, printable)}\n`
}

function asText(level: Level, ts: string, caller: string, msg: string, fields: LogFields = {}) {
  const rest = Object.keys(fields).length > 0 ? `\t${JSON.stringify(fields, printable)}` : ''
  return `${ts}\t${level}\t${caller}\t${msg}${rest}\n`
}

/** What JSON has no word for. */
function printable(_name: string, value: unknown): unknown {
  if (value instanceof Error) return value.message
  return typeof value === 'bigint' ? value.toString() : value
}
