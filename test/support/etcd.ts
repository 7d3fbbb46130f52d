import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.js'
import { freePort } from './free-port.js'
import { run } from './judges.js'

/** A real etcd of one member, with its data in a folder of its own. */
export class Etcd implements AsyncDisposable {
  readonly url: string
  readonly #path: string
  readonly #args: readonly string[]
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(path: string, url: string, peerUrl: string) {
    this.#path = path
    this.url = url
    this.#folder = mkdtempSync(join(tmpdir(), 'miniplane-etcd-'))
    this.#args = [
      `--data-dir=${this.#dataDir}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
    ]
  }

  static async start(path: string): Promise<Etcd> {
    const etcd = await Etcd.#prepare(path)
    await etcd.run()
    return etcd
  }

  /** With what a snapshot holds. */
  static async restore(path: string, snapshot: string): Promise<Etcd> {
    const etcd = await Etcd.#prepare(path)
    const cluster = etcd.#args.filter((arg) => arg.startsWith('--initial'))
    await etcd.ctl('snapshot', 'restore', snapshot, `--data-dir=${etcd.#dataDir}`, ...cluster)
    await etcd.run()
    return etcd
  }

  static async #prepare(path: string): Promise<Etcd> {
    const [client, peer] = await Promise.all([freePort(), freePort()])
    return new Etcd(path, `http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`)
  }

  get #dataDir(): string {
    return join(this.#folder, 'data')
  }

  /** Runs it on its data: at first, or after `kill()`. */
  async run(): Promise<void> {
    this.#child = spawn(this.#path, this.#args, { stdio: 'ignore' })
    await eventually(async () => {
      const { ok } = await fetch(`${this.url}/health`)
      if (!ok) throw new Error('etcd is not healthy')
    })
  }

  /** Ends the process at once; its data stays. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** What etcdctl prints. */
  async ctl(...args: string[]): Promise<string> {
    const env = { ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: this.url }
    const { exit, stdout, stderr } = await run('etcdctl', args, { env })
    if (exit !== 0) throw new Error(`etcdctl ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
