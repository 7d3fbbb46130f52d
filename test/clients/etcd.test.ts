import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Etcd, startEtcd } from '@miniplane/store/server'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.js'
import { run } from '../support/judges.js'

const program = (name: string) => fileURLToPath(new URL(`bin/${name}`, import.meta.url))
const isBuilt = existsSync(program('etcd')) && existsSync(program('etcdctl'))

/** So few entries are kept that whoever joins gets a snapshot. */
const SNAPSHOT_COUNT = 10
const CATCHUP_ENTRIES = 5
const WRITES = 40
const POLLING = { timeout: 20_000, interval: 500 }

interface Seat {
  readonly name: string
  readonly client: string
  readonly peer: string
}

/** A cluster of three seats: who sits on them, we or a real etcd, is the test's affair. */
class MixedCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'mixed-cluster-'))
  readonly #ours: Etcd[] = []
  readonly #real = new Map<string, ChildProcess>()
  readonly #seats: Seat[] = []

  async seat(name: string): Promise<Seat> {
    const [client, peer] = await Promise.all([freePort(), freePort()])
    const seat = { name, client: `http://127.0.0.1:${client}`, peer: `http://127.0.0.1:${peer}` }
    this.#seats.push(seat)
    return seat
  }

  async startOurs(seat: Seat): Promise<void> {
    const config = { ...this.#configOf(seat), 'snapshot-catchup-entries': CATCHUP_ENTRIES }
    this.#ours.push(await startEtcd(config))
  }

  async startReal(seat: Seat): Promise<void> {
    const config = {
      ...this.#configOf(seat),
      'experimental-snapshot-catchup-entries': CATCHUP_ENTRIES,
    }
    const flags = Object.entries(config).map(([flag, value]) => `--${flag}=${value}`)
    this.#real.set(seat.name, spawn(program('etcd'), flags, { stdio: 'ignore' }))
    await expect
      .poll(() => isHealthy(seat), { timeout: 20_000, message: `${seat.name} is healthy` })
      .toBe(true)
  }

  killReal(seat: Seat): void {
    this.#real.get(seat.name)?.kill('SIGKILL')
  }

  #configOf(seat: Seat) {
    return {
      name: seat.name,
      'data-dir': join(this.folder, seat.name),
      'log-outputs': [join(this.folder, `${seat.name}.log`)],
      'listen-client-urls': [seat.client],
      'advertise-client-urls': [seat.client],
      'listen-peer-urls': [seat.peer],
      'initial-advertise-peer-urls': [seat.peer],
      'initial-cluster': this.#seats.map(({ name, peer }) => `${name}=${peer}`).join(','),
      'initial-cluster-state': this.#seats.length === 1 ? 'new' : 'existing',
      'snapshot-count': SNAPSHOT_COUNT,
      'unsafe-no-fsync': true,
    } as const
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#real.values()) child.kill('SIGKILL')
    await Promise.all(this.#ours.map((etcd) => etcd.close()))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

describe.skipIf(!isBuilt)('a cluster of ours and of etcd 3.6', () => {
  let cluster: MixedCluster
  afterEach(() => cluster[Symbol.asyncDispose]())

  it('goes on from one to the other by snapshots, and every member has the same', async () => {
    cluster = new MixedCluster()
    const first = await cluster.seat('first')
    await cluster.startOurs(first)
    await write(first, 'a')

    const second = await cluster.seat('second')
    await ctl(first, 'member', 'add', 'second', `--peer-urls=${second.peer}`)
    await cluster.startReal(second)
    expect(await ctl(second, 'get', '--print-value-only', `a${WRITES}`)).toBe(`${WRITES}\n`)
    await expectSameHashes(first, second)

    await ctl(first, 'move-leader', await idOf(first, 'second'))
    await write(first, 'b')
    const third = await cluster.seat('third')
    // etcd takes nobody before its members have been connected for five seconds.
    await expect
      .poll(() => ctl(second, 'member', 'add', 'third', `--peer-urls=${third.peer}`), POLLING)
      .toContain('added')
    await cluster.startOurs(third)
    expect(await ctl(third, 'get', '--print-value-only', `b${WRITES}`)).toBe(`${WRITES}\n`)
    await expectSameHashes(first, second, third)

    cluster.killReal(second)
    await expect.poll(() => write(third, 'c').then(() => true), POLLING).toBe(true)
    await expectSameHashes(first, third)
  }, 90_000)
})

async function write({ client }: Seat, prefix: string): Promise<void> {
  for (let i = 1; i <= WRITES; i++) {
    const [key, value] = [`${prefix}${i}`, String(i)].map((text) => btoa(text))
    const answer = await fetch(`${client}/v3/kv/put`, {
      method: 'POST',
      body: JSON.stringify({ key, value }),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
}

async function expectSameHashes(...seats: Seat[]): Promise<void> {
  // Each has applied what was acknowledged when it has answered a linearizable read.
  await Promise.all(seats.map((seat) => ctl(seat, 'get', 'a1')))
  const hashes = await Promise.all(
    seats.map(async (seat) => (await ctl(seat, 'endpoint', 'hashkv')).split(', ').slice(1)),
  )
  expect(new Set(hashes.map(String)).size, JSON.stringify(hashes)).toBe(1)
}

async function idOf(seat: Seat, name: string): Promise<string> {
  const line = (await ctl(seat, 'member', 'list')).split('\n').find((one) => one.includes(name))
  return line?.split(',')[0] ?? ''
}

async function ctl({ client }: Seat, ...args: string[]): Promise<string> {
  const env = { ETCDCTL_ENDPOINTS: client }
  const { exit, stdout, stderr } = await run(program('etcdctl'), args, { env, timeoutMs: 15_000 })
  if (exit !== 0) throw new Error(`etcdctl ${args.join(' ')}: ${stderr}`)
  return stdout
}

async function isHealthy({ client }: Seat): Promise<boolean> {
  try {
    return (await fetch(`${client}/health`)).ok
  } catch {
    return false // it does not listen yet
  }
}
