import type { Container, Pod, PodSpec } from '../generated/types/index.js'
import { parseQuantity, type Quantity } from '../quantity/quantity.js'

/** Resource name → amount. */
export type Resources = Record<string, Quantity>

/** What the scheduler must find free for the Pod: see `podResources`. */
export function podRequests(pod: Pick<Pod, 'spec'>): Resources {
  return podResources(pod.spec, 'requests')
}

/** What the Pod may use at most, as far as its containers say. */
export function podLimits(pod: Pick<Pod, 'spec'>): Resources {
  return podResources(pod.spec, 'limits')
}

/**
 * Containers run together, so they add up; init containers run one after another, each with the
 * sidecars (init containers that always restart) begun before it, so the largest of them counts.
 * What the Pod states as a whole comes before both, and the overhead on top.
 */
function podResources(spec: PodSpec, side: 'requests' | 'limits'): Resources {
  const running: Resources = {}
  for (const container of spec.containers ?? []) addTo(running, resourcesOf(container, side))
  const sidecars: Resources = {}
  let largest: Resources = {}
  for (const container of spec.initContainers ?? []) {
    const own = resourcesOf(container, side)
    if (container.restartPolicy === 'Always') {
      addTo(running, own)
      addTo(sidecars, own)
      largest = maxOf(largest, sidecars)
    } else {
      const together = { ...sidecars }
      addTo(together, own)
      largest = maxOf(largest, together)
    }
  }
  const total = maxOf(running, largest)
  Object.assign(total, parsed(spec.resources?.[side]))
  for (const [name, amount] of Object.entries(parsed(spec.overhead)))
    if (side === 'requests' || total[name]) total[name] = total[name]?.add(amount) ?? amount
  return total
}

const resourcesOf = (container: Container, side: 'requests' | 'limits') =>
  parsed(container.resources?.[side])

function parsed(list: Readonly<Record<string, string>> | undefined): Resources {
  const resources: Resources = {}
  for (const [name, amount] of Object.entries(list ?? {})) resources[name] = parseQuantity(amount)
  return resources
}

function addTo(total: Resources, more: Readonly<Resources>): void {
  for (const [name, amount] of Object.entries(more))
    total[name] = total[name]?.add(amount) ?? amount
}

function maxOf(a: Readonly<Resources>, b: Readonly<Resources>): Resources {
  const max: Resources = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const other = max[name]
    if (!other || other.compare(amount) < 0) max[name] = amount
  }
  return max
}

/** Classes by which a node under pressure decides whom to evict first. */
export type PodQosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const QOS_RESOURCES = ['cpu', 'memory']

/** Guaranteed: every container's cpu and memory are limited to what they request. */
export function podQosClass(pod: Pick<Pod, 'spec'>): PodQosClass {
  const { spec } = pod
  const whole = spec.resources
  const sources = whole
    ? [whole]
    : [...spec.containers, ...(spec.initContainers ?? [])].map((c) => c.resources)
  let asksNothing = true
  let isFixed = true
  for (const source of sources) {
    for (const name of QOS_RESOURCES) {
      const request = positive(source?.requests?.[name])
      const limit = positive(source?.limits?.[name])
      if (request || limit) asksNothing = false
      if (!limit || (request && !request.equals(limit))) isFixed = false
    }
  }
  if (asksNothing) return 'BestEffort'
  return isFixed ? 'Guaranteed' : 'Burstable'
}

/** Undefined for what asks for nothing. */
function positive(amount: string | undefined): Quantity | undefined {
  const quantity = amount === undefined ? undefined : parseQuantity(amount)
  return quantity && quantity.sign() > 0 ? quantity : undefined
}
