import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { Method, ResponseStream, RpcCaller, Service } from './service.js'

/** What this member knows of its place in the cluster; asked on every call, so it must be quick. */
export interface Leadership {
  hasLeader(): boolean
  isLearner(): boolean
  readonly electionTimeoutMs: number
}

/** So many election timeouts without a leader, and who asked for one is told. */
const TIMEOUTS_MAX = 3

/**
 * Keeps from a member what it can't serve: from a learner what only voters answer, and from a member
 * without a leader what was asked with `hasleader`.
 *
 * Source: etcd, api/v3rpc/interceptor.go.
 */
export function withLeadership(
  services: readonly Service[],
  leadership: Leadership,
  clock: Clock,
): Service[] {
  const monitor = new LeaderMonitor(leadership, clock)
  return services.map((service) => ({
    ...service,
    methods: service.methods.map((method) => guarded(method, leadership, monitor)),
  }))
}

function guarded(method: Method, leadership: Leadership, monitor: LeaderMonitor): Method {
  const admit = (caller: RpcCaller, request?: unknown): void => {
    if (leadership.isLearner() && !isForLearners(method, request)) {
      throw new StoreError({ code: 'NotSupportedForLearner' })
    }
    if (caller.requiresLeader && !leadership.hasLeader()) {
      throw new StoreError({ code: 'NoLeader' })
    }
  }
  if (method.kind === 'bidi') {
    const open = (stream: ResponseStream<unknown>) => {
      admit(stream.caller)
      const receiver = method.open(stream)
      return stream.caller.requiresLeader ? monitor.watch(stream, receiver) : receiver
    }
    return { ...method, open }
  }
  if (method.kind === 'unary') {
    return {
      ...method,
      handle(request, caller) {
        admit(caller, request)
        return method.handle(request, caller)
      },
    }
  }
  return {
    ...method,
    handle(request, caller) {
      admit(caller, request)
      return method.handle(request, caller)
    },
  }
}

const isForLearners = ({ name }: Method, request: unknown): boolean =>
  name === 'Status' ||
  name === 'Snapshot' ||
  (name === 'Range' && (request as { serializable: boolean }).serializable)

type Receiver = ReturnType<Extract<Method, { kind: 'bidi' }>['open']>

/** Ends streams that want a leader once there has been none for too long. */
class LeaderMonitor {
  readonly #leadership: Leadership
  readonly #clock: Clock
  readonly #streams = new Set<ResponseStream<unknown>>()
  #timer: Timer | undefined
  #timeoutsWithout = 0

  constructor(leadership: Leadership, clock: Clock) {
    this.#leadership = leadership
    this.#clock = clock
  }

  watch(stream: ResponseStream<unknown>, receiver: Receiver): Receiver {
    this.#streams.add(stream)
    if (this.#timer === undefined) this.#setTimer()
    return {
      receive: (request) => receiver.receive(request),
      halfClose: () => receiver.halfClose(),
      drain: () => receiver.drain?.(),
      close: () => {
        this.#forget(stream)
        receiver.close()
      },
    }
  }

  #forget(stream: ResponseStream<unknown>): void {
    this.#streams.delete(stream)
    if (this.#streams.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timeoutsWithout = 0
  }

  #setTimer(): void {
    this.#timer = this.#clock.setTimer(this.#leadership.electionTimeoutMs, () => this.#look())
  }

  #look(): void {
    this.#timeoutsWithout = this.#leadership.hasLeader() ? 0 : this.#timeoutsWithout + 1
    this.#setTimer()
    if (this.#timeoutsWithout < TIMEOUTS_MAX) return
    for (const stream of [...this.#streams]) stream.end(new StoreError({ code: 'NoLeader' }))
  }
}
