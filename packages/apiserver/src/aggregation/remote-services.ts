import type {
  APIResourceList,
  APIService,
  EndpointSlice,
  KubeObject,
  Service,
} from '@miniplane/api'
import type { Lister } from '../registry/strategy.js'

/** An API service that is answered by a server behind a Service, and not by this one. */
export type RemoteService = KubeObject & {
  readonly spec: APIService['spec'] & { readonly service: object }
  readonly status?: APIService['status']
}

export interface RemoteGroup {
  readonly name: string
  readonly versions: readonly string[]
}

const GROUP = 'apiregistration.k8s.io'
const SERVICE_NAME = 'kubernetes.io/service-name'

/** Knows which group versions other servers answer for. */
export class RemoteServices {
  readonly #lister: Lister
  /** What servers say that they serve, by the name of their API service. */
  readonly #served = new Map<string, APIResourceList>()

  constructor(lister: Lister) {
    this.#lister = lister
  }

  /** Who answers for a group version, if it isn't this server. */
  find(group: string, version: string): RemoteService | undefined {
    const found = this.#lister.get(GROUP, 'apiservices', undefined, `${version}.${group}`)
    return found && isRemote(found) ? found : undefined
  }

  /** Those that this server doesn't serve itself: the most prominent first. */
  groups(): readonly RemoteGroup[] {
    const all = [...this.#lister.list(GROUP, 'apiservices')].filter(isRemote)
    const priority = ({ spec }: RemoteService) => spec.groupPriorityMinimum ?? 0
    all.sort((a, b) => priority(b) - priority(a) || (nameOf(a) < nameOf(b) ? -1 : 1))
    const names = [...new Set(all.map(({ spec }) => spec.group ?? ''))]
    return names.map((name) => ({
      name,
      versions: all
        .filter(({ spec }) => spec.group === name)
        .sort((a, b) => (b.spec.versionPriority ?? 0) - (a.spec.versionPriority ?? 0))
        .map(({ spec }) => spec.version ?? ''),
    }))
  }

  /** Undefined: nobody has said so far. */
  served(group: string, version: string): APIResourceList | undefined {
    return this.#served.get(`${version}.${group}`)
  }

  noteServed(name: string, list: APIResourceList | undefined): void {
    if (list) this.#served.set(name, list)
    else this.#served.delete(name)
  }

  /** Where the server of an API service listens. Undefined: nowhere. */
  addressOf({ spec }: RemoteService): Address | undefined {
    const { name = '', namespace = '', port = 443 } = spec.service
    const service = this.#lister.get('', 'services', namespace, name) as Service | undefined
    const { type, externalName = '', clusterIP = '', ports = [] } = service?.spec ?? {}
    if (type === 'ExternalName')
      return { shown: `${externalName}:${port}`, host: externalName, port }
    const listening = (ports ?? []).find((one) => one.port === port)
    if (!listening) return undefined
    const shown = `${clusterIP}:${port}`
    const slices = slicesOf(this.#lister, namespace, name)
    return { shown, ...endpointOf(slices, listening.name ?? '') }
  }
}

export interface Address {
  /** As messages name it: by the address of the Service. */
  readonly shown: string
  /** Absent: nobody is there, or only hollow Pods, which speak no such protocol. */
  readonly host?: string
  readonly port?: number
}

export function slicesOf(lister: Lister, namespace: string, service: string): EndpointSlice[] {
  return [...lister.list('discovery.k8s.io', 'endpointslices', namespace)].filter(
    ({ metadata }) => metadata.labels?.[SERVICE_NAME] === service,
  ) as EndpointSlice[]
}

function endpointOf(slices: readonly EndpointSlice[], portName: string) {
  for (const { endpoints, ports } of slices) {
    const port = ports?.find(({ name }) => (name ?? '') === portName)?.port
    const ready = endpoints?.find(
      ({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind !== 'Pod',
    )
    const [host] = ready?.addresses ?? []
    if (port && host) return { host, port }
  }
  return {}
}

const isRemote = (object: KubeObject): object is RemoteService =>
  Boolean((object as { spec?: APIService['spec'] }).spec?.service)

const nameOf = ({ metadata }: RemoteService) => metadata.name ?? ''
