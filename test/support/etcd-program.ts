import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundlePrograms } from './bundle-programs.js'
import { freePort } from './free-port.js'
import { type Finished, judgesRequired, onPath, run } from './judges.js'

const START_MS_MAX = 30_000

/** etcd's own client; undefined: there is none, and its tests are skipped. */
export const etcdctl = onPath('etcdctl')
if (etcdctl === undefined && judgesRequired) throw new Error('there is no etcdctl on PATH')

/** Our `etcd` as one file: it is started often, and would be put together anew each time. */
const PROGRAM = join(await bundlePrograms('etcd'), 'etcd.js')

/** Runs it to its end: for what does not start. */
export const runEtcd = (
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> => run(process.execPath, [PROGRAM, ...args], { env })

export interface EtcdProcess {
  readonly name: string
  readonly pid: number
  readonly clientUrl: string
  /** What it has logged so far, a document a line. */
  readonly log: readonly LogLine[]
  /** Resolves when a line has this message. Rejects when the program ends before. */
  logged(message: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** A cluster of processes on free ports, each with its data in a folder of its own. */
export class EtcdProcesses implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'etcd-program-'))
  readonly #ports = new Map<string, { client: number; peer: number }>()
  readonly #running = new Map<string, EtcdProcess>()

  static async of(...names: readonly string[]): Promise<EtcdProcesses> {
    const cluster = new EtcdProcesses()
    for (const name of names) await cluster.admit(name)
    return cluster
  }

  /** Ports for one more member. */
  async admit(name: string): Promise<void> {
    this.#ports.set(name, { client: await freePort(), peer: await freePort() })
  }

  clientUrl(name: string): string {
    return `http://127.0.0.1:${this.#portsOf(name).client}`
  }

  peerUrl(name: string): string {
    return `http://127.0.0.1:${this.#portsOf(name).peer}`
  }

  get endpoints(): string {
    return [...this.#ports.keys()].map((name) => this.clientUrl(name)).join(',')
  }

  get initialCluster(): string {
    return [...this.#ports.keys()].map((name) => `${name}=${this.peerUrl(name)}`).join(',')
  }

  dataDir(name: string): string {
    return join(this.folder, name)
  }

  args(name: string): string[] {
    return [
      `--name=${name}`,
      `--data-dir=${this.dataDir(name)}`,
      `--listen-client-urls=${this.clientUrl(name)}`,
      `--advertise-client-urls=${this.clientUrl(name)}`,
      `--listen-peer-urls=${this.peerUrl(name)}`,
      `--initial-advertise-peer-urls=${this.peerUrl(name)}`,
      `--initial-cluster=${this.initialCluster}`,
    ]
  }

  /** Also again, after it has ended. */
  start(name: string, args: readonly string[] = this.args(name)): EtcdProcess {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const etcd = new ChildEtcd(name, this.clientUrl(name), child)
    this.#running.set(name, etcd)
    return etcd
  }

  /** All of them; resolves when each serves its clients. */
  async startAll(): Promise<EtcdProcess[]> {
    const all = [...this.#ports.keys()].map((name) => this.start(name))
    await Promise.all(all.map((etcd) => etcd.logged('ready to serve client requests')))
    return all
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const etcd of this.#running.values()) etcd.kill('SIGKILL')
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
    rmSync(this.folder, { recursive: true, force: true })
  }

  #portsOf(name: string): { client: number; peer: number } {
    const ports = this.#ports.get(name)
    if (ports === undefined) throw new Error(`no member called ${name}`)
    return ports
  }
}

class ChildEtcd implements EtcdProcess {
  readonly name: string
  readonly clientUrl: string
  readonly log: LogLine[] = []
  readonly ended: Promise<number | NodeJS.Signals>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  #rest = ''
  #hasEnded = false

  constructor(name: string, clientUrl: string, child: ChildProcess) {
    this.name = name
    this.clientUrl = clientUrl
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#hasEnded = true
        this.#wake()
        resolve(signal ?? code ?? 0)
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async logged(message: string): Promise<void> {
    const timer = setTimeout(() => this.kill('SIGKILL'), START_MS_MAX)
    try {
      while (!this.log.some(({ msg }) => msg === message)) {
        if (this.#hasEnded)
          throw new Error(`${this.name} never said "${message}":\n${JSON.stringify(this.log)}`)
        await new Promise<void>((resolve) => this.#waiting.add(resolve))
      }
    } finally {
      clearTimeout(timer)
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.log.push(parse(line))
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** Node's own words about a crash are no JSON. */
function parse(line: string): LogLine {
  try {
    return JSON.parse(line)
  } catch {
    return { level: 'raw', msg: line }
  }
}
