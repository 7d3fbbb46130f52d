import {
  type ApiResponse,
  eventLoopTurn,
  Ledger,
  ManualClock,
  type ResourceDefinition,
  type Status,
  seededRandom,
} from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { type ApiServer, createApiServer } from '../server.js'

export interface FuzzRequest {
  readonly method: string
  /** The path with its query, as they stand in a request's first line. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Answer {
  readonly status: number
  readonly headers: ApiResponse['headers']
  readonly bytes: Uint8Array
  readonly text: string
}

/** Far more than any request takes. Of CPU: a machine that has other things to do is not our fault. */
const SLOW_CPU_MS = 4_000
const TURNS_BEFORE_TIME_PASSES = 300
const STEP_MS = 1_000
const STEPS_MAX = 400

/** What no answer says: a program's own troubles with its values. */
const BUG_TEXT =
  /Cannot (read|set|convert|destructure|access|mix)|is not (a function|iterable|defined|a constructor|valid JSON)|\[object |undefined|Maximum call stack|Unexpected token|Invalid (array|string|time) |\.[jt]s:\d+/

export const rootOf = ({ group, version }: { group: string; version: string }): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`

export const collectionOf = (definition: ResourceDefinition, namespace = 'default'): string => {
  const inside = definition.namespaced ? `/namespaces/${namespace}` : ''
  return `${rootOf(definition)}${inside}/${definition.resource}`
}

/** An API server over an embedded store that is asked anything, and watched while it answers. */
export class FuzzedServer {
  readonly ledger = new Ledger()
  readonly server: ApiServer
  readonly #clock = new ManualClock()
  readonly #store = openEmbeddedStore({ clock: this.#clock })
  readonly #logged: string[] = []

  constructor() {
    this.server = createApiServer({
      store: this.#store.client,
      clock: this.#clock,
      random: seededRandom(1),
      ledger: this.ledger,
      tokens: [
        { token: 'admin', user: { name: 'root', groups: ['system:masters'] } },
        { token: 'alice', user: { name: 'alice', groups: ['devs'] } },
      ],
      log: {
        debug() {},
        info() {},
        warn() {},
        error: (message, details) => {
          const error = details?.error
          this.#logged.push(`${message}: ${error instanceof Error ? error.stack : ''}`)
        },
      },
    })
  }

  async start(): Promise<void> {
    await this.server.start()
    // What Pods wait for, and a plane's controllers would make.
    const url = '/api/v1/namespaces/default/serviceaccounts'
    await this.ask({ method: 'POST', url, body: '{"metadata":{"name":"default"}}' })
  }

  async close(): Promise<void> {
    await this.server.close()
    await this.#store.close()
  }

  /** The whole answer. Fails when there is none, when it is late or when it is none of HTTP's. */
  async ask({ method, url, headers, body }: FuzzRequest): Promise<Answer> {
    const question = url.indexOf('?')
    const gone = new AbortController()
    const asked = this.server.handle({
      method,
      path: question < 0 ? url : url.slice(0, question),
      query: new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
      headers: { authorization: 'Bearer admin', 'user-agent': 'fuzz/1', ...headers },
      ...(body !== undefined && { body: Buffer.from(body) }),
      signal: gone.signal,
    })
    const { status, headers: answered, body: content } = await this.#inTime(asked)
    const bytes = await this.#bytesOf(content)
    gone.abort()
    return { status, headers: answered, bytes, text: Buffer.from(bytes).toString() }
  }

  /** What is wrong with the answer to this, whatever was asked. */
  async problemsWith(request: FuzzRequest): Promise<string[]> {
    const began = process.cpuUsage()
    let answer: Answer
    try {
      answer = await this.ask(request)
    } catch (error) {
      return [`rejected: ${error instanceof Error ? error.stack : String(error)}`]
    }
    const { user, system } = process.cpuUsage(began)
    const cpuMs = (user + system) / 1000
    return [
      ...this.#logged.splice(0),
      ...(cpuMs > SLOW_CPU_MS ? [`took ${cpuMs} ms of CPU`] : []),
      ...('isPolluted' in {} ? ['Object.prototype has been written to'] : []),
      ...problemsOf(answer),
    ]
  }

  async #inTime<T>(asked: Promise<T>): Promise<T> {
    let isDone = false
    const over = () => {
      isDone = true
    }
    asked.then(over, over)
    for (let step = 0; step < STEPS_MAX; step++) {
      for (let turn = 0; turn < TURNS_BEFORE_TIME_PASSES && !isDone; turn++) await eventLoopTurn()
      if (isDone) return asked
      this.#clock.advance(STEP_MS)
    }
    throw new Error('no answer')
  }

  async #bytesOf(body: ApiResponse['body']): Promise<Uint8Array> {
    if (body.kind === 'bytes') return body.bytes
    if (body.kind === 'object') {
      const parts = body.parts?.()
      const json = Buffer.from(body.json())
      if (parts && !Buffer.concat(parts).equals(json))
        throw new Error('parts differ from the whole')
      return json
    }
    if (body.kind !== 'watch') return new Uint8Array()
    const events: Uint8Array[] = []
    const stop = body.events.subscribe({
      onEvents: (batch) => events.push(...batch.map((event) => event.bytes())),
      onEnd() {},
    })
    await eventLoopTurn()
    stop()
    return Buffer.concat(events)
  }
}

function problemsOf({ status, headers, text }: Answer): string[] {
  const problems: string[] = []
  if (!Number.isInteger(status) || status < 200 || status > 599) problems.push(`status ${status}`)
  for (const [name, value] of Object.entries(headers))
    for (const one of [value].flat())
      if (typeof one !== 'string' || /[\r\n\0]/.test(one))
        problems.push(`header ${name}: ${JSON.stringify(one)}`)
  if (status < 400) return problems
  const bug = BUG_TEXT.exec(text)
  if (bug) problems.push(`${bug[0]} in: ${text.slice(0, 1_000)}`)
  if (String(headers['content-type']).startsWith('application/json')) {
    const answer = JSON.parse(text) as Status
    if (answer.kind === 'Status' && answer.code !== status) problems.push(`code of ${text}`)
  }
  if (status >= 500 && !KNOWN_500.test(text)) problems.push(`${status}: ${text.slice(0, 1_000)}`)
  return problems
}

/** What the real server has an internal error or a time-out for, too: errors that are no Status. */
const KNOWN_500 = new RegExp(
  [
    'did not complete within the allotted timeout',
    'Too large resource version',
    'strconv.ParseUint: parsing',
    'failed to (create typed patch|convert new typed) object',
    'unknown patch type: ',
    'expected a \\[]interface {}, but received a ',
    'expected a map\\[string]interface {}, but received a ',
    "doesn't match \\$setElementOrder list",
    'no elements in any of the given slices',
    'value for key \\d+ is not a map',
    'failed to create RequestInfo: ',
    'failed to allocate (requested|a) (HealthCheck NodePort|nodePort|serviceIP)',
    'list element types are not identical',
    'lists of lists are not supported',
    'unable to find api field in struct',
    '"message":"\\[?target\\.(kind|name): ',
    'no endpoints available for service',
    'does not contain declared merge key',
    'error dialing backend',
    'error trying to reach service: ',
    'no preferred addresses found',
  ].join('|'),
)
