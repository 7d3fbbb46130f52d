import {
  aggregate,
  type Container,
  type LimitRange,
  type LimitRangeItem,
  type PersistentVolumeClaim,
  type Pod,
  parseQuantity,
  podLimits,
  podRequests,
  type Quantity,
} from '@miniplane/api'
import { sortedMap } from '../../registry/sorted-map.js'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { isAbout, objectAs, refuse } from './request-kinds.js'

const ANNOTATION = 'kubernetes.io/limit-ranger'
type Amounts = Readonly<Record<string, string>>

/** Fills in what containers leave out and refuses what is outside the limits of the namespace. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  handles(operation, definition, subresource) {
    if (operation !== 'CREATE' && operation !== 'UPDATE') return false
    if (definition.group === '' && definition.resource === 'pods') {
      return operation === 'CREATE' ? subresource === '' : subresource === 'resize'
    }
    return isAbout(definition, subresource, '', 'persistentvolumeclaims')
  },
  admit(request) {
    if (request.definition.resource !== 'pods') return
    for (const range of rangesOf(request)) setDefaults(objectAs<Pod>(request), range)
  },
  validate(request) {
    const faults: string[] = []
    for (const { spec } of rangesOf(request)) {
      for (const item of spec.limits ?? []) faults.push(...faultsOf(request, item))
    }
    if (faults.length > 0) throw refuse(request, aggregate(faults))
  },
}

function rangesOf({ context, namespace }: AdmissionRequest): LimitRange[] {
  return [...context.lister.list('', 'limitranges', namespace)] as unknown as LimitRange[]
}

function setDefaults(pod: Pod, { spec }: LimitRange): void {
  const item = spec.limits?.find(({ type }) => type === 'Container')
  if (!item) return
  const said: string[] = []
  for (const [kind, containers] of [
    ['container', pod.spec.containers],
    ['init container', pod.spec.initContainers],
  ] as const) {
    for (const container of containers ?? []) {
      const requests = fillIn(container, 'requests', item.defaultRequest)
      const limits = fillIn(container, 'limits', item.default)
      if (requests) said.push(`${requests} request for ${kind} ${container.name}`)
      if (limits) said.push(`${limits} limit for ${kind} ${container.name}`)
    }
  }
  if (said.length === 0) return
  const text = `LimitRanger plugin set: ${said.join('; ')}`
  pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: text }
}

/** Names of what was filled in, as the annotation lists them. */
function fillIn(
  container: Container,
  field: 'requests' | 'limits',
  defaults: Amounts = {},
): string {
  const own = container.resources[field]
  const missing = Object.keys(defaults)
    .sort()
    .filter((name) => own?.[name] === undefined)
  if (missing.length > 0) container.resources[field] = sortedMap({ ...defaults, ...own })
  return missing.join(', ')
}

function faultsOf(request: AdmissionRequest, item: LimitRangeItem): string[] {
  if (request.definition.resource === 'persistentvolumeclaims') {
    if (item.type !== 'PersistentVolumeClaim') return []
    const { spec } = objectAs<PersistentVolumeClaim>(request)
    const requests = spec.resources?.requests ?? {}
    return [...bounds(item, 'min', requests, {}), ...bounds(item, 'max', requests, requests)].map(
      (text) => text.replace('but limit is', 'but request is'),
    )
  }
  const pod = objectAs<Pod>(request)
  if (item.type === 'Container') {
    const { containers, initContainers } = pod.spec
    return [...containers, ...(initContainers ?? [])].flatMap(({ resources }) =>
      allBounds(item, resources.requests ?? {}, resources.limits ?? {}),
    )
  }
  if (item.type !== 'Pod') return []
  // What the runtime itself needs on top is no matter of the namespace's limits.
  const { overhead: _overhead, ...spec } = pod.spec
  return allBounds(item, texts(podRequests({ spec })), texts(podLimits({ spec })))
}

const texts = (amounts: Readonly<Record<string, Quantity>>): Amounts =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount.toString()]))

const allBounds = (item: LimitRangeItem, requests: Amounts, limits: Amounts): string[] => [
  ...bounds(item, 'min', requests, limits),
  ...bounds(item, 'max', requests, limits),
  ...ratios(item, requests, limits),
]

function bounds(
  item: LimitRangeItem,
  side: 'min' | 'max',
  requests: Amounts,
  limits: Amounts,
): string[] {
  const faults: string[] = []
  const word = side === 'min' ? 'minimum' : 'maximum'
  const isOutside = (amount: string, bound: string) => {
    const order = parseQuantity(amount).compare(parseQuantity(bound))
    return side === 'min' ? order < 0 : order > 0
  }
  for (const name of Object.keys(item[side] ?? {}).sort()) {
    const bound = item[side]?.[name] ?? '0'
    const subject = `${word} ${name} usage per ${item.type} is ${bound}`
    // A minimum is about what is asked for, a maximum about what may be used.
    const asked = { what: 'request', amount: requests[name] }
    const allowed = { what: 'limit', amount: limits[name] }
    const [first, second] = side === 'min' ? [asked, allowed] : [allowed, asked]
    const outside = [first, second].find(
      ({ amount }) => amount !== undefined && isOutside(amount, bound),
    )
    if (first.amount === undefined) faults.push(`${subject}.  No ${first.what} is specified`)
    else if (outside) faults.push(`${subject}, but ${outside.what} is ${outside.amount}`)
  }
  return faults
}

function ratios(item: LimitRangeItem, requests: Amounts, limits: Amounts): string[] {
  const faults: string[] = []
  for (const name of Object.keys(item.maxLimitRequestRatio ?? {}).sort()) {
    const bound = item.maxLimitRequestRatio?.[name] ?? '0'
    const request = requests[name] === undefined ? 0 : parseQuantity(requests[name]).toNumber()
    const limit = limits[name] === undefined ? 0 : parseQuantity(limits[name]).toNumber()
    const subject = `${name} max limit to request ratio per ${item.type} is ${bound}`
    if (request === 0) faults.push(`${subject}, but no request is specified or request is 0`)
    else if (limit === 0) faults.push(`${subject}, but no limit is specified or limit is 0`)
    else if (limit / request > parseQuantity(bound).toNumber()) {
      faults.push(`${subject}, but provided ratio is ${(limit / request).toFixed(6)}`)
    }
  }
  return faults
}
