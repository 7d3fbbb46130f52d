import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuMsOf, residentMiBOf } from './process-figures.mjs'

const OURS = fileURLToPath(new URL('../../packages/store/bin/etcd.cjs', import.meta.url))
export const ETCD_3_6 = fileURLToPath(new URL('../../test/clients/bin/etcd', import.meta.url))
const READY_TRIES = 4000

/** What is compared: the same flags, the same disk. */
export const PROGRAMS = {
  ours: { command: process.execPath, args: [OURS] },
  etcd: { command: '/usr/bin/etcd', args: [] },
  // What kube-apiserver 1.36 asks for: with an older one it can't serve from its caches.
  'etcd 3.6': { command: ETCD_3_6, args: [] },
}

/** Nobody outlives a benchmark that failed. */
const running = new Set()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** One member, in a data directory that is kept until `remove`. */
export class EtcdProcess {
  #child
  #args

  constructor(program, name, ports, cluster, flags) {
    this.program = program
    this.name = name
    this.folder = mkdtempSync(join(tmpdir(), 'bench-etcd-'))
    this.url = `http://127.0.0.1:${ports.client}`
    const peer = `http://127.0.0.1:${ports.peer}`
    this.#args = [
      ...['--name', name, '--data-dir', join(this.folder, 'data')],
      ...['--logger', 'zap', '--log-level', 'error'],
      ...['--listen-client-urls', this.url, '--advertise-client-urls', this.url],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', cluster, '--max-txn-ops', '10000'],
      ...['--quota-backend-bytes', String(8 * 1024 ** 3)],
      ...flags,
    ]
  }

  get #log() {
    return join(this.folder, 'log')
  }

  /** Answers how long it took until it answered a linearizable read, in ms. */
  async start() {
    const begin = performance.now()
    const { command, args } = PROGRAMS[this.program]
    const log = openSync(this.#log, 'a')
    this.#child = spawn(command, [...args, ...this.#args], { stdio: ['ignore', log, log] })
    closeSync(log)
    running.add(this.#child)
    for (let tries = 0; tries < READY_TRIES; tries++) {
      if (await this.#isReady()) return performance.now() - begin
      await sleep(5)
    }
    throw new Error(`${this.program} is not ready:\n${readFileSync(this.#log)}`)
  }

  async #isReady() {
    try {
      const response = await fetch(`${this.url}/health`)
      return response.ok && (await response.json()).health === 'true'
    } catch (error) {
      if (error instanceof TypeError) return false // refused: it does not listen yet
      throw error
    }
  }

  async stop() {
    const closed = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill('SIGTERM')
    await closed
    running.delete(this.#child)
  }

  remove() {
    rmSync(this.folder, { recursive: true })
  }

  /** A request as JSON; keys and values are in base64. */
  async ask(path, body) {
    const response = await fetch(`${this.url}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${this.program} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }

  async revision() {
    const { header } = await this.ask('kv/range', { key: 'MA==' })
    return Number(header.revision)
  }

  /** User and system time so far. */
  cpuMs() {
    return cpuMsOf(this.#child.pid)
  }

  residentMiB() {
    return residentMiBOf(this.#child.pid)
  }
}

/** The members of a cluster, not started, with further flags. */
export async function membersOf(program, count = 1, flags = []) {
  const ports = []
  for (let i = 0; i < count; i++) ports.push({ client: await freePort(), peer: await freePort() })
  const cluster = ports.map(({ peer }, i) => `m${i}=http://127.0.0.1:${peer}`).join(',')
  return ports.map((own, i) => new EtcdProcess(program, `m${i}`, own, cluster, flags))
}
