import {
  type Clock,
  type CommandSession,
  type ContainerTarget,
  type LogOptions,
  type LogSource,
  type NodeConnection,
  NodeRefusal,
  type PodTarget,
  type PortSession,
  type ProxiedRequest,
  type ProxiedResponse,
  type Random,
  type StreamOptions,
} from '@miniplane/api'
import type { Client, Log } from '@miniplane/client'
import type { PodWorker } from '../pod/pod-worker.js'
import { execSession } from './exec.js'
import { connectTo } from './http-answer.js'
import { Insides } from './insides.js'
import { listenerAt, refusedText } from './listener.js'
import type { RunningContainer } from './running-container.js'

export interface KubeletServerContext {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly find: (target: PodTarget) => PodWorker | undefined
}

/** What a kubelet answers on its own port: logs, commands, forwarded ports. */
export class KubeletServer implements NodeConnection {
  readonly #context: KubeletServerContext
  readonly #insides: Insides

  constructor(context: KubeletServerContext) {
    this.#context = context
    this.#insides = new Insides(context)
  }

  exec(
    target: ContainerTarget,
    command: readonly string[],
    _options: StreamOptions,
  ): CommandSession {
    const running = this.#running(target)
    const inside = () => this.#insides.of(running)
    return execSession({ ...this.#context, running, inside, command })
  }

  attach(target: ContainerTarget, _options: StreamOptions): CommandSession {
    this.#running(target)
    throw new NodeRefusal(501, 'attach is not there yet')
  }

  portForward(target: PodTarget): PortSession {
    const { clock } = this.#context
    const worker = this.#worker(target)
    return {
      signal: worker.signals.whole,
      async connect(port) {
        const isRunning = (name: string) => worker.container(name)?.state.kind === 'running'
        const listener = listenerAt(worker.pod, port, isRunning)
        if (!listener) throw new Error(refusedText(worker.pod, port))
        return connectTo(listener, clock)
      },
    }
  }

  log(_target: ContainerTarget, _options: LogOptions): LogSource {
    return async function* () {
      yield new Uint8Array()
    }
  }

  async request(_request: ProxiedRequest): Promise<ProxiedResponse> {
    throw new NodeRefusal(501, 'the proxy is not there yet')
  }

  #running(target: ContainerTarget): RunningContainer {
    const worker = this.#worker(target)
    const container = worker.container(target.container)
    if (container?.state.kind !== 'running')
      throw new NodeRefusal(500, `container not found (${JSON.stringify(target.container)})`)
    return { worker, container, signal: worker.signals.of(container) }
  }

  #worker(target: PodTarget): PodWorker {
    const worker = this.#context.find(target)
    if (!worker) throw new NodeRefusal(404, 'pod does not exist')
    return worker
  }
}
