import { type Clock, type Container, isStatusError, type Pod } from '@miniplane/api'
import { type Client, resources } from '@miniplane/client'
import type { Configuration } from '../container/environment.js'
import { type Inside, insideOf } from '../container/machine.js'
import { replay } from '../container/replay.js'
import type { RunningContainer } from './running-container.js'

/**
 * The insides of running containers, made when somebody looks for the first time and kept until the
 * run is over: what one command writes the next one finds.
 */
export class Insides {
  readonly #context: { readonly client: Client; readonly clock: Clock }
  readonly #known = new Map<string, Promise<Inside>>()

  constructor(context: { readonly client: Client; readonly clock: Clock }) {
    this.#context = context
  }

  of(running: RunningContainer): Promise<Inside> {
    const id = running.container.id ?? ''
    const known = this.#known.get(id)
    if (known) return known
    const made = this.#current(running)
    this.#known.set(id, made)
    running.signal.addEventListener('abort', () => this.#known.delete(id), { once: true })
    return made
  }

  /** As a container is when it starts. */
  async fresh(pod: Pod, name: string): Promise<Inside> {
    const container = containerNamed(pod, name)
    const configuration = await this.#configurationFor(pod, container)
    return insideOf(pod, container, configuration, this.#context.clock)
  }

  /** As it is by now: its own command has written its files. */
  async #current({ worker, container, signal }: RunningContainer): Promise<Inside> {
    const inside = await this.fresh(worker.pod, container.name)
    const span = { fromMs: container.sinceMs, endMs: undefined, follows: false }
    // One that waits for input has not begun.
    if (containerNamed(worker.pod, container.name).stdin !== true)
      for await (const _ of replay(inside, span, this.#context.clock, signal));
    return inside
  }

  async #configurationFor({ metadata }: Pod, container: Container): Promise<Configuration> {
    const { namespace = '' } = metadata
    const { client } = this.#context
    const configMaps = new Map<string, Readonly<Record<string, string>>>()
    const secrets = new Map<string, Readonly<Record<string, string>>>()
    for (const name of namesIn(container, 'configMap')) {
      const found = await orNothing(client.of(resources.configMaps).get(name, { namespace }))
      if (found) configMaps.set(name, found.data ?? {})
    }
    for (const name of namesIn(container, 'secret')) {
      const found = await orNothing(client.of(resources.secrets).get(name, { namespace }))
      if (found) secrets.set(name, decoded(found.data ?? {}))
    }
    return {
      configMap: (name) => configMaps.get(name),
      secret: (name) => secrets.get(name),
    }
  }
}

export function containerNamed({ spec }: Pod, name: string): Container {
  const all = [
    ...spec.containers,
    ...(spec.initContainers ?? []),
    ...((spec.ephemeralContainers ?? []) as unknown as Container[]),
  ]
  return all.find((one) => one.name === name) ?? ({ name, resources: {} } as Container)
}

function namesIn({ env = [], envFrom = [] }: Container, kind: 'configMap' | 'secret'): Set<string> {
  const names = [
    ...envFrom.map((one) => one[`${kind}Ref`]?.name),
    ...env.map(({ valueFrom }) => valueFrom?.[`${kind}KeyRef`]?.name),
  ]
  return new Set(names.filter((name) => name !== undefined))
}

const decoded = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  )

/** What is not there, or not to be seen by this node, is left out. */
async function orNothing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Forbidden')) return undefined
    throw error
  }
}
