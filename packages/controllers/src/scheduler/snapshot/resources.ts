import { type Container, type Pod, parseQuantity, podRequests, type Quantity } from '@miniplane/api'

/** Amounts of resources: cpu in thousandths, all else in whole units (bytes, pieces). */
export type Amounts = Map<string, number>

/** What a container that asks for nothing is assumed to need when nodes are compared. */
const ASSUMED = { cpu: '100m', memory: '200Mi' }

export function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  const amounts: Amounts = new Map()
  for (const name in list) amounts.set(name, amountOf(name, parseQuantity(list[name] ?? '0')))
  return amounts
}

const amountOf = (name: string, quantity: Quantity): number =>
  name === 'cpu' ? quantity.milliValue() : quantity.value()

export function addAmounts(to: Amounts, amounts: Amounts, sign: 1 | -1 = 1): void {
  for (const [name, amount] of amounts) to.set(name, (to.get(name) ?? 0) + sign * amount)
}

/** What the Pod asks for: what must fit. */
export const requestedAmounts = (pod: Pick<Pod, 'spec'>): Amounts => {
  const amounts: Amounts = new Map()
  for (const [name, quantity] of Object.entries(podRequests(pod))) {
    amounts.set(name, amountOf(name, quantity))
  }
  return amounts
}

/** As asked, with assumptions for containers that ask for nothing: what is compared. */
export function assumedAmounts({ spec }: Pick<Pod, 'spec'>): Amounts {
  const withAssumptions = (container: Container): Container => ({
    ...container,
    resources: { requests: { ...ASSUMED, ...container.resources?.requests } },
  })
  const containers = spec.containers.map(withAssumptions)
  const initContainers = (spec.initContainers ?? []).map(withAssumptions)
  return requestedAmounts({ spec: { ...spec, containers, initContainers } })
}
