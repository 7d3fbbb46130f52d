import { request as httpsRequest } from 'node:https'
import type { StoreClient } from '@miniplane/store'
import { storeProblem } from './checks.js'

/** What a ComponentStatus says of its component. */
export interface ComponentHealth {
  readonly isWell: boolean
  /** What the component answered, or why it did not. */
  readonly message: string
  readonly error?: string
}

export type ComponentProbes = ReadonlyMap<string, () => Promise<ComponentHealth>>

const WELL: ComponentHealth = { isWell: true, message: 'ok' }

/** Where the real programs listen. */
const PORTS = { 'controller-manager': 10257, scheduler: 10259 } as const

export type ComponentName = keyof typeof PORTS

/**
 * The components that a real server knows of. Those in `own` run in this process and are as well
 * as it is; others are asked where they listen by default.
 */
export function componentProbes(
  store: StoreClient,
  own: readonly ComponentName[] = [],
): ComponentProbes {
  const probes = new Map<string, () => Promise<ComponentHealth>>()
  for (const [name, port] of Object.entries(PORTS)) {
    const isOwn = own.some((one) => one === name)
    probes.set(name, isOwn ? () => Promise.resolve(WELL) : () => ask(port))
  }
  probes.set('etcd-0', async () => {
    const error = await storeProblem(store)
    return error === undefined ? WELL : { isWell: false, message: '', error }
  })
  return probes
}

const ANSWER_MS_MAX = 20_000

/** Nobody can know what its certificate should be. */
function ask(port: number): Promise<ComponentHealth> {
  const url = `https://127.0.0.1:${port}/healthz`
  return new Promise((resolve) => {
    const fail = (reason: string) =>
      resolve({ isWell: false, message: `Get ${JSON.stringify(url)}: ${reason}` })
    const request = httpsRequest(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      const { statusCode = 0 } = answer
      const isWell = statusCode >= 200 && statusCode < 400
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        const failure = `HTTP probe failed with statuscode: ${statusCode}`
        resolve({ isWell, message: isWell ? body : failure })
      })
      answer.on('error', (error) => fail(error.message))
    })
    request.setTimeout(ANSWER_MS_MAX, () => request.destroy(new Error('context deadline exceeded')))
    request.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ECONNREFUSED'
          ? `dial tcp 127.0.0.1:${port}: connect: connection refused`
          : error.message,
      ),
    )
    request.end()
  })
}
