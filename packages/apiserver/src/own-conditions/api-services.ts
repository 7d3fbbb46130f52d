import {
  type APIService,
  type EndpointSlice,
  formatTime,
  type KubeObject,
  type Service,
} from '@miniplane/api'
import { Availability, type Finding } from '../aggregation/availability.js'
import { type RemoteService, slicesOf } from '../aggregation/remote-services.js'
import type { Services } from '../handlers/scope.js'
import { IS_LOCAL } from '../registry/apiregistration/api-services.js'
import { draftOf } from '../registry/generic/draft-of.js'
import type { Resource } from '../registry/resource.js'
import type { Lister } from '../registry/strategy.js'
import type { Observer } from './condition-keeper.js'

const MANAGER = 'kube-apiserver'

/** Whether the server behind an API service is there: what stands in front of it, and then itself. */
export function availableObserver(
  services: Services,
  { definition }: Resource,
  again: (object: KubeObject) => void,
): Observer {
  const { clock, fieldManagers, lister } = services
  const availability = new Availability(services, again)
  return {
    stop: () => availability.stop(),
    observe(object) {
      const { spec, status } = object as APIService
      const missing = findingOf(spec, lister)
      if (missing) availability.forget(object.metadata.name ?? '')
      const found = missing ?? availability.of(object as RemoteService)
      if (!found) return undefined
      const conditions = status?.conditions ?? []
      const before = conditions.find(({ type }) => type === 'Available')
      const isSame = before?.status === found.status
      if (isSame && before.reason === found.reason && before.message === found.message)
        return undefined
      const lastTransitionTime = isSame ? before.lastTransitionTime : formatTime(clock.now())
      const condition = { type: 'Available', ...found, lastTransitionTime }
      return { conditions: [...conditions.filter((one) => one !== before), condition] }
    },
    write(current, status) {
      const draft: KubeObject & { status?: unknown } = draftOf(current)
      draft.status = status
      fieldManagers.of(definition, 'status').update(current, draft, MANAGER)
      return draft
    },
  }
}

function findingOf({ service }: APIService['spec'], lister: Lister): Finding | undefined {
  if (!service) return IS_LOCAL
  const { name = '', namespace = '', port = 443 } = service
  const missing = (reason: string, message: string) => ({
    status: 'False' as const,
    reason,
    message,
  })
  const where = `service/${name} in "${namespace}"`
  const found = lister.get('', 'services', namespace, name) as Service | undefined
  if (!found) return missing('ServiceNotFound', `${where} is not present`)
  if (found.spec?.type !== 'ClusterIP') return undefined
  const listening = found.spec.ports?.find((one) => one.port === port)
  if (!listening) return missing('ServicePortError', `${where} is not listening on port ${port}`)
  const slices = slicesOf(lister, namespace, name)
  if (slices.length === 0)
    return missing('EndpointsNotFound', `cannot find endpointslices for ${where}`)
  const portName = listening.name ?? ''
  if (!slices.some((slice) => isServing(slice, portName)))
    return missing(
      'MissingEndpoints',
      `endpointslices for ${where} have no addresses with port name "${portName}"`,
    )
  return undefined
}

const isServing = ({ endpoints, ports }: EndpointSlice, portName: string): boolean =>
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) &&
  (ports ?? []).some(({ name }) => (name ?? '') === portName)
