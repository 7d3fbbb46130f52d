import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock, systemClock } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { connectStore } from '@miniplane/store/grpc'
import { type Etcd, startEtcd } from '@miniplane/store/server'
import type { OpenedStore } from './object-storage.suite.js'

/** The store of this process, in memory. */
export async function openEmbedded(): Promise<OpenedStore> {
  const { client, close } = openEmbeddedStore({ clock: new ManualClock() })
  return { client, isEmbedded: true, [Symbol.asyncDispose]: close }
}

/** Members of ours in this process, each with its data in a folder, that talk over the network. */
export class Cluster implements AsyncDisposable {
  readonly clientUrls: readonly string[]
  readonly #configs: readonly Record<string, unknown>[]
  readonly #members: (Etcd | undefined)[]
  readonly #folder: string

  static async open(size: number): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'apiserver-etcd-'))
    const names = Array.from({ length: size }, (_, i) => `m${i}`)
    const urls = await Promise.all(
      names.map(async () => ({ client: await freeUrl(), peer: await freeUrl() })),
    )
    const configs = names.map((name, i) => ({
      name,
      'data-dir': join(folder, name),
      'listen-client-urls': [urls[i]?.client],
      'advertise-client-urls': [urls[i]?.client],
      'listen-peer-urls': [urls[i]?.peer],
      'initial-advertise-peer-urls': [urls[i]?.peer],
      'initial-cluster': names.map((each, j) => `${each}=${urls[j]?.peer}`).join(','),
      'unsafe-no-fsync': true,
      'log-level': 'fatal',
    }))
    const members = await Promise.all(configs.map((config) => startEtcd(config as never)))
    return new Cluster(folder, configs, members)
  }

  private constructor(folder: string, configs: Record<string, unknown>[], members: Etcd[]) {
    this.#folder = folder
    this.#configs = configs
    this.#members = members
    this.clientUrls = configs.map((config) => (config['listen-client-urls'] as string[])[0] ?? '')
  }

  async stop(member: number): Promise<void> {
    await this.#members[member]?.close()
    this.#members[member] = undefined
  }

  /** With the data that it had. */
  async restart(member: number): Promise<void> {
    this.#members[member] = await startEtcd(this.#configs[member] as never)
  }

  /** Another client of it; what it left is removed when it goes. */
  connect(): OpenedStore {
    return over(this.clientUrls, async (client) => {
      const { leases } = await client.leaseLeases()
      for (const id of leases) await client.leaseRevoke(id)
      await client.deleteRange({ key: '\0', rangeEnd: '\0' })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.#members) await member?.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** A real etcd, or undefined where there is none. Its client waits until it listens. */
export const realEtcd = etcdPath()

export async function openRealEtcd(path: string): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'apiserver-etcd-'))
  const [client, peer] = [await freeUrl(), await freeUrl()]
  const flags = {
    'data-dir': folder,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  }
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(path, [...args, '--unsafe-no-fsync'], { stdio: 'ignore' })
  return over([client], async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    await rm(folder, { recursive: true, force: true })
  })
}

function over(
  endpoints: readonly string[],
  dispose: (client: OpenedStore['client']) => Promise<void>,
): OpenedStore {
  const { client, close } = connectStore({ endpoints, clock: systemClock })
  return {
    client,
    isEmbedded: false,
    async [Symbol.asyncDispose]() {
      await dispose(client)
      await close()
    },
  }
}

function etcdPath(): string | undefined {
  // Our own programs come first on npm's PATH: a judge is somebody else.
  const folders = (process.env.PATH ?? '').split(':')
  const PATH = folders.filter((folder) => !folder.endsWith('node_modules/.bin')).join(':')
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v etcd'], {
      encoding: 'utf8',
      env: { PATH },
    }).trim()
  } catch {
    if (process.env.MINIPLANE_JUDGES === 'required') throw new Error('there is no etcd on PATH')
    return undefined
  }
}

function freeUrl(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      server.close(() => resolve(`http://127.0.0.1:${port}`))
    })
  })
}
