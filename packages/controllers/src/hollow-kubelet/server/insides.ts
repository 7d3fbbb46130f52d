import {
  type Clock,
  type Container,
  isStatusError,
  type Pod,
  type Service,
  type ServiceAccountTokenProjection,
} from '@miniplane/api'
import { type Client, resources } from '@miniplane/client'
import { type Inside, insideOf } from '../container/machine.js'
import { commandEnd, replay } from '../container/replay.js'
import { type CommandEnd, containerNamed } from '../pod/container-run.js'
import type { RunningContainer } from './running-container.js'
import { type MountedConfiguration, mountVolumes, tokenOrders, volumeSources } from './volumes.js'

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
    // What failed once may go well the next time.
    made.catch(() => this.#known.delete(id))
    running.signal.addEventListener('abort', () => this.#known.delete(id), { once: true })
    return made
  }

  /** As a container is when it starts. */
  async fresh(pod: Pod, name: string): Promise<Inside> {
    const container = containerNamed(pod, name)
    const { clock } = this.#context
    const configuration = await this.#configurationFor(pod, container)
    const inside = insideOf(pod, container, configuration, clock)
    mountVolumes(inside.files, pod, container, configuration, clock.now())
    return inside
  }

  /** How a container's command ends, looked at until `endMs`; undefined: that isn't known here. */
  async commandEnd(
    pod: Pod,
    name: string,
    span: { readonly fromMs: number; readonly endMs: number },
    signal: AbortSignal,
  ): Promise<CommandEnd | undefined> {
    return commandEnd(await this.fresh(pod, name), span, signal)
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

  async #configurationFor(pod: Pod, container: Container): Promise<MountedConfiguration> {
    const { namespace = '' } = pod.metadata
    const { client } = this.#context
    const configMaps = new Map<string, Files>()
    const secrets = new Map<string, Files>()
    for (const name of namesIn(pod, container, 'configMap')) {
      const found = await orNothing(client.of(resources.configMaps).get(name, { namespace }))
      if (found)
        configMaps.set(name, {
          ...decoded(found.data, 'utf8'),
          ...decoded(found.binaryData, 'base64'),
        })
    }
    for (const name of namesIn(pod, container, 'secret')) {
      const found = await orNothing(client.of(resources.secrets).get(name, { namespace }))
      if (found) secrets.set(name, decoded(found.data, 'base64'))
    }
    const tokens = new Map<ServiceAccountTokenProjection, Uint8Array>()
    for (const order of tokenOrders(pod, container)) {
      const token = await orNothing(this.#token(pod, order))
      if (token) tokens.set(order, Buffer.from(token))
    }
    return {
      services: await this.#servicesFor(pod),
      token: (order) => tokens.get(order),
      configMap: (name) => texts(configMaps.get(name)),
      secret: (name) => texts(secrets.get(name)),
      configMapFiles: (name) => configMaps.get(name),
      secretFiles: (name) => secrets.get(name),
    }
  }

  /** The API server's, and those of the namespace that were there before the Pod. */
  async #servicesFor({ metadata, spec, status }: Pod): Promise<Service[]> {
    const services = this.#context.client.of(resources.services)
    const master = await orNothing(services.get('kubernetes', { namespace: 'default' }))
    const { namespace = '' } = metadata
    if (spec.enableServiceLinks === false) return master ? [master] : []
    const { items } = await services.list({ namespace })
    const own = items.filter(
      (service) =>
        !(namespace === 'default' && service.metadata.name === 'kubernetes') &&
        (service.metadata.creationTimestamp ?? '') <= (status.startTime ?? '~'),
    )
    return [...(master ? [master] : []), ...own]
  }

  /** As a kubelet gets one: good for as long as its Pod is there. */
  async #token(
    { metadata, spec }: Pod,
    { audience, expirationSeconds = TOKEN_SECONDS }: ServiceAccountTokenProjection,
  ): Promise<string | undefined> {
    const { name = '', namespace = '', uid } = metadata
    const request = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      spec: {
        expirationSeconds,
        ...(audience && { audiences: [audience] }),
        boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
      },
    }
    const accounts = this.#context.client.of(resources.serviceAccounts)
    const account = spec.serviceAccountName || 'default'
    const made = await accounts.createSubresource(account, 'token', request, { namespace })
    return (made as { status?: { token?: string } }).status?.token
  }
}

const TOKEN_SECONDS = 3600

type Files = Readonly<Record<string, Uint8Array>>

function namesIn(pod: Pod, container: Container, kind: 'configMap' | 'secret'): Set<string> {
  const { env = [], envFrom = [] } = container
  const names = [
    ...envFrom.map((one) => one[`${kind}Ref`]?.name),
    ...env.map(({ valueFrom }) => valueFrom?.[`${kind}KeyRef`]?.name),
    ...volumeSources(pod, container, kind),
  ]
  return new Set(names.filter((name) => name !== undefined))
}

const decoded = (
  data: Readonly<Record<string, string>> | undefined,
  encoding: 'utf8' | 'base64',
): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)]),
  )

const texts = (files: Files | undefined): Record<string, string> | undefined =>
  files &&
  Object.fromEntries(
    Object.entries(files).map(([key, bytes]) => [key, Buffer.from(bytes).toString()]),
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
