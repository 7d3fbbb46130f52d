import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ApiClient } from './api-client.mjs'
import { ETCD_3_6, freePort, membersOf } from './etcd-process.mjs'
import { cpuMsOf, residentMiBOf } from './process-figures.mjs'

const PROGRAM = fileURLToPath(new URL('../../test/clients/bin/kube-apiserver', import.meta.url))
const READY_TRIES = 600

export function requireRealServer() {
  if (existsSync(PROGRAM) && existsSync(ETCD_3_6)) return
  console.error('build the real servers first: test/clients/build.sh etcd kube-apiserver')
  process.exit(1)
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** A real kube-apiserver on a real etcd that does not sync: what ours is beside. */
export class RealApiProcess extends ApiClient {
  name = 'real'
  token = 'bench'
  #folder = mkdtempSync(join(tmpdir(), 'bench-api-'))
  #etcd
  #child

  static async start() {
    const process_ = new RealApiProcess()
    const [etcd] = await membersOf('etcd 3.6', 1, ['--unsafe-no-fsync'])
    await etcd.start()
    process_.#etcd = etcd
    await process_.#serve(await freePort())
    return process_
  }

  async #serve(port) {
    const file = (name) => join(this.#folder, name)
    spawnSync('openssl', ['genrsa', '-out', file('key'), '2048'])
    writeFileSync(file('tokens'), `${this.token},bench,bench,system:masters\n`)
    const log = openSync(file('log'), 'a')
    this.server = `https://127.0.0.1:${port}`
    const flags = {
      'etcd-servers': this.#etcd.url,
      'secure-port': port,
      'bind-address': '127.0.0.1',
      'cert-dir': file('certificates'),
      'token-auth-file': file('tokens'),
      'authorization-mode': 'RBAC',
      'service-cluster-ip-range': '10.0.0.0/24',
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': file('key'),
      'service-account-signing-key-file': file('key'),
    }
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
    this.#child = spawn(PROGRAM, args, { stdio: ['ignore', log, log] })
    closeSync(log)
    process.once('exit', () => this.#child.kill('SIGKILL'))
    for (let tries = 0; tries < READY_TRIES; tries++) {
      if (await this.#isReady()) return
      await sleep(100)
    }
    throw new Error(`the real server is not ready:\n${readFileSync(file('log'))}`)
  }

  async #isReady() {
    try {
      return (await this.ask('GET', '/readyz')).status === 200
    } catch (error) {
      if (error.code === 'ECONNREFUSED') return false // it does not listen yet
      throw error
    }
  }

  /** User and system time so far, etcd's included: ours has its store in the process. */
  cpuMs() {
    return cpuMsOf(this.#child.pid) + this.#etcd.cpuMs()
  }

  residentMiB() {
    return residentMiBOf(this.#child.pid) + this.#etcd.residentMiB()
  }

  async stop() {
    // It has nothing to keep, and would take its time.
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
    await this.#etcd.stop()
    this.#etcd.remove()
    rmSync(this.#folder, { recursive: true })
  }
}
