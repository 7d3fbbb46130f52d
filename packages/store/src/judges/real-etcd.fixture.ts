import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../server/system-clock.js'
import { freePort } from './free-port.fixture.js'

const START_MS_MAX = 15_000
const START_ATTEMPTS_MAX = 3

/** The etcd on PATH; undefined when there is none, which MINIPLANE_JUDGES=required forbids. */
export const etcdPath = (): string | undefined => programPath('etcd')

/** A program on PATH; undefined when there is none, which MINIPLANE_JUDGES=required forbids. */
export function programPath(name: string): string | undefined {
  // Our own programs come first on npm's PATH: a judge is somebody else.
  const folders = (process.env.PATH ?? '').split(':')
  const PATH = folders.filter((folder) => !folder.endsWith('node_modules/.bin')).join(':')
  const options = { encoding: 'utf8', env: { PATH } } as const
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${name}`], options).trim()
  } catch {
    if (process.env.MINIPLANE_JUDGES === 'required') throw new Error(`there is no ${name} on PATH`)
    return undefined
  }
}

/** An etcd of one member in a folder of its own, spoken to through its JSON gateway. */
export class RealEtcd implements AsyncDisposable {
  readonly url: string
  /** The same with TLS, for flags that give it a certificate. */
  readonly secureUrl: string
  readonly #path: string
  readonly #args: readonly string[]
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(
    urls: { readonly client: string; readonly secure: string },
    path: string,
    args: readonly string[],
    folder: string,
  ) {
    this.url = urls.client
    this.secureUrl = urls.secure
    this.#path = path
    this.#args = args
    this.#folder = folder
  }

  static async start(path: string, flags: readonly string[] = []): Promise<RealEtcd> {
    for (let attempt = 1; ; attempt++) {
      const etcd = await RealEtcd.#prepare(path, flags)
      try {
        await etcd.run()
        return etcd
      } catch (error) {
        await etcd[Symbol.asyncDispose]()
        // A free port may be somebody else's by the time it is wanted.
        if (attempt === START_ATTEMPTS_MAX) throw error
      }
    }
  }

  static async #prepare(path: string, flags: readonly string[]): Promise<RealEtcd> {
    const folder = await mkdtemp(join(tmpdir(), 'real-etcd-'))
    const [client, secure, peer] = await Promise.all([freePort(), freePort(), freePort()])
    const urls = {
      client: `http://127.0.0.1:${client}`,
      secure: `https://127.0.0.1:${secure}`,
      peer: `http://127.0.0.1:${peer}`,
    }
    const isSecure = flags.some((flag) => flag.startsWith('--cert-file='))
    const args = [
      `--data-dir=${folder}`,
      `--listen-client-urls=${urls.client}${isSecure ? `,${urls.secure}` : ''}`,
      `--advertise-client-urls=${urls.client}`,
      `--listen-peer-urls=${urls.peer}`,
      `--initial-advertise-peer-urls=${urls.peer}`,
      `--initial-cluster=default=${urls.peer}`,
      '--unsafe-no-fsync',
      ...flags,
    ]
    return new RealEtcd(urls, path, args, folder)
  }

  /** Runs it on its data, at first or after `kill()`. */
  async run(): Promise<void> {
    this.#child = spawn(this.#path, this.#args, { stdio: 'ignore' })
    await this.#ready()
  }

  /** Ends the process; its data stays. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    if (child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** Posts to the gateway: `call('kv/range', { key: base64 })`. Throws the error's text. */
  async call(service: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.url}/v3/${service}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    const json = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(String(json.error))
    return json
  }

  /** Runs etcdctl on it, and answers what it prints as JSON. */
  async ctl(...args: readonly string[]): Promise<unknown> {
    const env = { ...process.env, ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: this.url }
    const run = promisify(execFile)
    const { stdout } = await run('etcdctl', [...args, '--write-out=json'], { env })
    return JSON.parse(stdout)
  }

  get #hasExited(): boolean {
    return this.#child?.exitCode !== null && this.#child?.exitCode !== undefined
  }

  async #ready(): Promise<void> {
    const deadlineMs = systemClock.now() + START_MS_MAX
    for (;;) {
      if (this.#hasExited) throw new Error('etcd ended while it started')
      try {
        const answer = await fetch(`${this.url}/health`)
        if (answer.ok) return
      } catch (error) {
        if (systemClock.now() > deadlineMs) throw new Error('etcd did not start', { cause: error })
      }
      await new Promise<void>((resolve) => systemClock.setTimer(20, resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
