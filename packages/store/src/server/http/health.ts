import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../../log.js'
import { answerJson, answerText, firstOf, get, type HttpHandler } from './handler.js'

/** What this member knows of itself, whoever asks. */
export interface HealthSource {
  /** `NOSPACE`, `CORRUPT`: of this member and of the others. */
  alarms(): readonly string[]
  hasLeader(): boolean
  isLearner(): boolean
  /** Rejects when a read of this kind isn't answered. */
  read(serializable: boolean): Promise<unknown>
}

export interface HealthOptions {
  readonly source: HealthSource
  readonly log: Log
  readonly onChecked?: ((result: CheckResult) => void) | undefined
}

export interface CheckResult {
  readonly type: 'health' | 'livez' | 'readyz'
  readonly name: string
  readonly isHealthy: boolean
}

/** Rejects, or throws, with what is wrong. */
type Check = () => unknown

/** `/health` of all versions, `/livez` and `/readyz` of the newer. Source: etcd, etcdhttp/health.go. */
export function healthHandlers(options: HealthOptions): HttpHandler {
  const { source } = options
  const read = (serializable: boolean) => () => source.read(serializable)
  return firstOf(
    get('/health', (request, response) => health(options, request, response)),
    checks(options, 'livez', { serializable_read: read(true) }),
    checks(options, 'readyz', {
      data_corruption: () => {
        if (source.alarms().includes('CORRUPT')) throw new Error('alarm activated: CORRUPT')
      },
      serializable_read: read(true),
      linearizable_read: read(false),
      non_learner: () => {
        if (source.isLearner()) throw new Error('not supported for learner')
      },
    }),
  )
}

async function health(
  { source, log, onChecked }: HealthOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const query = queryOf(request)
  const isSerializable = query.get('serializable') === 'true'
  const reason = await unhealthyReason(source, isSerializable, query.getAll('exclude')).catch(
    (error: Error) => `RANGE ERROR:${error.message}`,
  )
  const answer = { health: reason === undefined ? 'true' : 'false', reason: reason ?? '' }
  onChecked?.({ type: 'health', name: '', isHealthy: reason === undefined })
  if (reason === undefined) {
    log.debug('/health OK', { 'status-code': 200 })
    return answerJson(response, 200, answer)
  }
  log.warn('/health error', { output: JSON.stringify(answer), 'status-code': 503 })
  answerText(response, 503, JSON.stringify(answer))
}

async function unhealthyReason(
  source: HealthSource,
  isSerializable: boolean,
  excluded: readonly string[],
): Promise<string | undefined> {
  const alarm = source.alarms().find((name) => !excluded.includes(name))
  if (alarm !== undefined) return `ALARM ${alarm}`
  if (!isSerializable && !source.hasLeader()) return 'RAFT NO LEADER'
  await source.read(isSerializable)
  return undefined
}

/** A check's own path, and all of them together. */
function checks(
  options: HealthOptions,
  type: CheckResult['type'],
  all: Readonly<Record<string, Check>>,
): HttpHandler {
  const names = Object.keys(all)
  const run = async (chosen: readonly string[], request: IncomingMessage, to: ServerResponse) => {
    const failures = await Promise.all(chosen.map((name) => failureOf(all[name] as Check)))
    const lines = chosen.map((name, i) => {
      const failure = failures[i]
      options.onChecked?.({ type, name, isHealthy: failure === undefined })
      return failure === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${failure}\n`
    })
    if (failures.every((failure) => failure === undefined))
      return answerText(to, 200, queryOf(request).has('verbose') ? `${lines.join('')}ok` : 'ok')
    options.log.error('Health check error', { path: `/${type}`, reason: lines.join('') })
    answerText(to, 503, lines.join(''))
  }
  return firstOf(
    get(`/${type}`, (request, response) => {
      const excluded = queryOf(request).getAll('exclude')
      return run(
        names.filter((name) => !excluded.includes(name)),
        request,
        response,
      )
    }),
    ...names.map((name) =>
      get(`/${type}/${name}`, (request, response) => run([name], request, response)),
    ),
  )
}

async function failureOf(check: Check): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const queryOf = (request: IncomingMessage): URLSearchParams =>
  new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
