import {
  type ConnectionConfig,
  connectionFrom,
  type Kubeconfig,
  KubeconfigError,
  loadKubeconfig,
} from '@miniplane/client'
import type { FlagValues } from '../cli/flags.js'
import { globalFlags } from '../cli/global-flags.js'
import { parseGoDuration } from '../cli/go-duration.js'
import { CommandError, ConfigurationError } from '../errors/errors.js'
import { discover } from '../resolve/discovery.js'
import { RestMapper } from '../resolve/rest-mapper.js'
import type { Environment } from './environment.js'
import { Rest } from './rest.js'

export type GlobalValues = FlagValues<typeof globalFlags>

const defaults = Object.fromEntries(
  Object.entries(globalFlags).map(([name, spec]) => [name, spec.default]),
) as GlobalValues

/** One run of one command: its surroundings, its global flags, and what follows from them. */
export class Session {
  readonly environment: Environment
  globals: GlobalValues = defaults
  /** What the program ends with when its command fails. */
  failureCode = 1
  #given: ReadonlySet<string> = new Set()
  #connection: ConnectionConfig | undefined
  #rest: Rest | undefined
  #mapper: Promise<RestMapper> | undefined
  #stdin: Promise<string> | undefined

  constructor(environment: Environment) {
    this.environment = environment
  }

  get out() {
    return this.environment.out
  }

  get clock() {
    return this.environment.clock
  }

  get signal() {
    return this.environment.signal
  }

  useGlobals(values: Readonly<Record<string, unknown>>, given: ReadonlySet<string>): void {
    this.globals = values as GlobalValues
    this.#given = given
    timeoutOf(this.globals.requestTimeout)
  }

  line(text: string): void {
    this.out.stdout(`${text}\n`)
  }

  /** What `-f -` reads; several readers get the same text. */
  stdin(): Promise<string> {
    this.#stdin ??= this.environment.readStdin().then((bytes) => new TextDecoder().decode(bytes))
    return this.#stdin
  }

  /** Standard input as it comes. */
  async *input(): AsyncGenerator<Uint8Array> {
    const { stdin, readStdin } = this.environment
    if (stdin) yield* stdin()
    else yield await readStdin()
  }

  kubeconfig(): Kubeconfig {
    const path = this.globals.kubeconfig
    return loadKubeconfig(path === '' ? undefined : path, this.environment.variables)
  }

  connection(): ConnectionConfig {
    this.#connection ??= this.#connect()
    return this.#connection
  }

  /** The server's address, for messages; never throws. */
  get server(): string {
    return this.#connection?.server ?? 'http://localhost:8080'
  }

  /** The namespace that objects without one belong to. */
  get namespace(): string {
    return this.globals.namespace || this.connection().namespace || 'default'
  }

  /** Whether the user insists on the namespace: objects that name another one are refused. */
  get enforceNamespace(): boolean {
    return this.#given.has('namespace') && this.globals.namespace !== ''
  }

  get rest(): Rest {
    if (!this.#rest) {
      const transport = this.environment.connect(this.connection())
      this.#rest = new Rest(transport, this.out, {
        headers: impersonation(this.globals),
        warningsAsErrors: this.globals.warningsAsErrors,
      })
    }
    return this.#rest
  }

  /** What the server serves; asked for once. */
  mapper(): Promise<RestMapper> {
    this.#mapper ??= discover(this.rest).then((resources) => new RestMapper(resources))
    return this.#mapper
  }

  /** Asks the server again, since a new kind may have come. */
  forgetMapper(): void {
    this.#mapper = undefined
  }

  /** Throws when the server has warned and warnings are to count as errors. */
  refuseWarnings(): void {
    this.#rest?.refuseWarnings()
  }

  /** A signal that also ends what takes longer than `--request-timeout`, such as a watch. */
  bounded(): { readonly signal: AbortSignal; readonly stop: () => void } {
    const timeoutMs = timeoutOf(this.globals.requestTimeout)
    if (timeoutMs <= 0) return { signal: this.signal, stop() {} }
    const timeout = new AbortController()
    const timer = this.clock.setTimer(timeoutMs, () => timeout.abort())
    const signal = AbortSignal.any([this.signal, timeout.signal])
    return { signal, stop: () => timer.cancel() }
  }

  close(): void {
    this.#rest?.close()
  }

  #connect(): ConnectionConfig {
    const { globals } = this
    const kubeconfig = this.#existingKubeconfig()
    refuseUnknown(kubeconfig, globals)
    const base = connectionFrom(kubeconfig, {
      ...(globals.context ? { context: globals.context } : {}),
      ...(globals.cluster ? { cluster: globals.cluster } : {}),
      ...(globals.user ? { user: globals.user } : {}),
    })
    const timeoutMs = timeoutOf(globals.requestTimeout)
    return {
      ...base,
      userAgent: 'kubectl-lite',
      ...(globals.server ? { server: globals.server } : {}),
      ...(globals.token ? { token: globals.token } : {}),
      ...(globals.tlsServerName ? { tlsServerName: globals.tlsServerName } : {}),
      ...(globals.insecureSkipTlsVerify ? { insecureSkipTlsVerify: true } : {}),
      ...(timeoutMs > 0 ? { timeoutMs } : {}),
    }
  }

  #existingKubeconfig(): Kubeconfig {
    try {
      return this.kubeconfig()
    } catch (error) {
      if (error instanceof KubeconfigError) throw new CommandError(error.message, { cause: error })
      throw error
    }
  }
}

/** Throws when a flag names what the kubeconfig has not got. */
function refuseUnknown(config: Kubeconfig, { context, cluster, user }: GlobalValues): void {
  const has = (entries: ReadonlyMap<string, unknown>, name: string) =>
    name === '' || entries.has(name)
  if (!has(config.contexts, context)) {
    throw new ConfigurationError(`context was not found for specified context: ${context}`)
  }
  if (!has(config.clusters, cluster)) {
    throw new CommandError(`no server found for cluster "${cluster}"`)
  }
  if (!has(config.users, user)) throw new CommandError(`auth info "${user}" does not exist`)
}

function impersonation(globals: GlobalValues): Record<string, string> {
  const headers: Record<string, string> = {}
  if (globals.as) headers['impersonate-user'] = globals.as
  if (globals.asUid) headers['impersonate-uid'] = globals.asUid
  if (globals.asGroup.length > 0) headers['impersonate-group'] = globals.asGroup.join('\n')
  for (const extra of globals.asUserExtra) {
    const [key = '', value = ''] = extra.split('=', 2)
    headers[`impersonate-extra-${encodeURIComponent(key)}`] = value
  }
  return headers
}

/** Milliseconds of `--request-timeout`; 0 for none. */
function timeoutOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const duration = parseGoDuration(text)
  if (duration !== undefined) return duration
  throw new CommandError(
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
  )
}
