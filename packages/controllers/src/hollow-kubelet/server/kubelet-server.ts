import {
  type Clock,
  type CommandSession,
  type ContainerTarget,
  type LogOptions,
  type LogSource,
  type NodeConnection,
  NodeRefusal,
  type Pod,
  type PodTarget,
  type PortSession,
  type ProxiedRequest,
  type ProxiedResponse,
  type Random,
  type StreamOptions,
} from '@miniplane/api'
import type { Client, Log } from '@miniplane/client'
import type { PodWorker } from '../pod/pod-worker.js'
import { attachSession } from './attach.js'
import type { CommandContext } from './command.js'
import { execSession } from './exec.js'
import { connectTo, listenerText } from './http-answer.js'
import type { Insides } from './insides.js'
import { kubeletAnswer, textAnswer } from './kubelet-answer.js'
import { listenerAt, refusedText } from './listener.js'
import { logSource } from './log.js'
import type { RunningContainer } from './running-container.js'

export interface KubeletServerContext {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly find: (target: PodTarget) => PodWorker | undefined
  /** Of this node. */
  readonly pods: () => Pod[]
  readonly insides: Insides
}

const KUBELET_PORT = 10_250

/** What a kubelet answers on its own port: logs, commands, forwarded ports. */
export class KubeletServer implements NodeConnection {
  readonly #context: KubeletServerContext

  constructor(context: KubeletServerContext) {
    this.#context = context
  }

  exec(target: ContainerTarget, command: readonly string[]): CommandSession {
    return execSession(this.#commandContext(target), command)
  }

  attach(target: ContainerTarget, options: StreamOptions): CommandSession {
    return attachSession(this.#commandContext(target), options)
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

  log(target: ContainerTarget, options: LogOptions): LogSource {
    const worker = this.#context.find(target)
    if (!worker) throw new NodeRefusal(404, `pod ${JSON.stringify(target.pod)} does not exist\n`)
    const container = worker.container(target.container)
    const about = `${JSON.stringify(target.container)} in pod ${JSON.stringify(target.pod)}`
    if (!container) throw new NodeRefusal(400, `container ${about} is not available`)
    const { pod, signals } = worker
    const inside = () => this.#context.insides.fresh(pod, container.name)
    const { clock } = this.#context
    return logSource({ clock, pod, container, inside, signal: signals.of(container) }, options)
  }

  async request({ pod: target, port, path }: ProxiedRequest): Promise<ProxiedResponse | undefined> {
    if (!target)
      return port === KUBELET_PORT ? kubeletAnswer(path, this.#context.pods()) : undefined
    const worker = this.#context.find(target)
    const isRunning = (name: string) => worker?.container(name)?.state.kind === 'running'
    const listener = worker && listenerAt(worker.pod, port, isRunning)
    return listener && textAnswer(200, listenerText(listener))
  }

  #commandContext(target: ContainerTarget): CommandContext {
    const running = this.#running(target)
    return { ...this.#context, running, inside: () => this.#context.insides.of(running) }
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
