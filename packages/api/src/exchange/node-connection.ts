import type { Status } from '../generated/types/index.js'
import type { ByteSink } from './byte-pipe.js'

/**
 * What the API server asks of a node: the questions that a real one sends to a kubelet's own server.
 * Whoever runs the nodes implements it; the API server knows nothing else of them.
 * Errors: each throws `NodeRefusal` when the node answers no.
 */
export interface NodeConnection {
  /** Starts nothing yet: the command begins when its streams are there. */
  exec(target: ContainerTarget, command: readonly string[], options: StreamOptions): CommandSession
  attach(target: ContainerTarget, options: StreamOptions): CommandSession
  portForward(pod: PodTarget): PortSession
  log(target: ContainerTarget, options: LogOptions): LogSource
  /** A request to a port of a Pod, or (without `pod`) of the node. Undefined: nobody listens there. */
  request(request: ProxiedRequest): Promise<ProxiedResponse | undefined>
}

/** Undefined: nobody answers at that node. */
export type NodeDialer = (nodeName: string) => NodeConnection | undefined

export interface PodTarget {
  readonly namespace: string
  readonly pod: string
}

export interface ContainerTarget extends PodTarget {
  readonly container: string
}

/** Which streams the client wants to have; standard error is part of the output of a terminal. */
export interface StreamOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface TerminalSize {
  readonly width: number
  readonly height: number
}

/** The other end of a process' streams. Those that the client does not want are absent. */
export interface CommandStreams {
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly stdout?: ByteSink
  readonly stderr?: ByteSink
  readonly resizes?: AsyncIterable<TerminalSize>
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
}

/** A process in a container that somebody talks to. */
export interface CommandSession {
  /**
   * Resolves when the process has ended or the client is gone, with what the client's error stream
   * is told: success, or the exit code as a cause. Never rejects.
   */
  run(streams: CommandStreams): Promise<Status>
}

/** A connection to a port, as bytes both ways. */
export interface ByteConnection {
  /** What comes from the port. */
  readonly received: AsyncIterable<Uint8Array>
  /** What goes to it; its `end` says that nothing more will. */
  readonly sent: ByteSink
  /** Ends both ways at once. */
  close(): void
}

export interface PortSession {
  /** Rejects with the runtime's text when nothing listens at the port. */
  connect(port: number): Promise<ByteConnection>
  /** Aborted when the Pod is gone. */
  readonly signal: AbortSignal
}

export interface LogOptions {
  /** Goes on with what comes, until the container ends. */
  readonly follow: boolean
  /** Of the run before this one. */
  readonly previous: boolean
  readonly timestamps: boolean
  readonly sinceMs?: number
  readonly tailLines?: number
  readonly limitBytes?: number
}

/** Bytes for as long as they come; ends when `signal` is aborted. */
export type LogSource = (signal: AbortSignal) => AsyncIterable<Uint8Array>

export interface ProxiedRequest {
  readonly pod?: PodTarget
  readonly port: number
  readonly method: string
  /** With the query, escaped. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: Uint8Array
}

export interface ProxiedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A node's answer that is none: what a kubelet says over HTTP instead of doing what it was asked. */
export class NodeRefusal extends Error {
  override readonly name = 'NodeRefusal'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
