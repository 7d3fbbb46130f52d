import type { KubeObject } from '@miniplane/api'
import { type CacheReader, followCache } from '../authz/follow-cache.js'
import type { Services } from '../handlers/scope.js'
import type { Resource } from '../registry/resource.js'
import { availableObserver } from './api-services.js'
import { ConditionKeeper, type Observer } from './condition-keeper.js'
import { danglingObserver } from './flow-schemas.js'

const FLOW_CONTROL = 'flowcontrol.apiserver.k8s.io'

/** Keeps the conditions that the server itself reports. Returns the function that stops. */
export async function keepConditions(services: Services): Promise<() => void> {
  const stops = [
    await keep(services, [FLOW_CONTROL, 'flowschemas'], danglingObserver, [
      [FLOW_CONTROL, 'prioritylevelconfigurations'],
    ]),
    await keep(services, ['apiregistration.k8s.io', 'apiservices'], availableObserver, [
      ['', 'services'],
      ['discovery.k8s.io', 'endpointslices'],
    ]),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

type Kind = readonly [group: string, resource: string]

async function keep(
  services: Services,
  kind: Kind,
  observerOf: (
    services: Services,
    resource: Resource,
    again: (object: KubeObject) => void,
  ) => Observer,
  others: readonly Kind[],
): Promise<() => void> {
  const { resources } = services
  const resource = await resources.readyNamed(...kind)
  if (!resource) return () => {}
  const watched = await Promise.all(others.map((other) => resources.readyNamed(...other)))
  const again = (object: KubeObject) => keeper.put(object)
  const observer = observerOf(services, resource, again)
  const keeper = new ConditionKeeper(services, resource, observer)
  const touch: CacheReader = {
    put: () => keeper.touchAll(),
    remove: () => keeper.touchAll(),
    reset() {},
  }
  const stops = [
    followCache(resource.storage.cache, keeper),
    ...watched.map((one) => (one ? followCache(one.storage.cache, touch) : () => {})),
  ]
  return () => {
    keeper.stop()
    for (const stop of stops) stop()
  }
}
