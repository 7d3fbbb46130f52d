import { type Container, type Pod, parseQuantity } from '@miniplane/api'

/** Amounts of resources: cpu in thousandths, all else in whole units (bytes, pieces). */
export type Amounts = Map<string, number>

/** What a container that asks for nothing is assumed to need when nodes are compared. */
const ASSUMED_MILLI_CPU = 100
const ASSUMED_MEMORY_BYTES = 200 * 1024 * 1024

export function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  const amounts: Amounts = new Map()
  for (const name in list) amounts.set(name, amountOf(name, list[name] ?? '0'))
  return amounts
}

function amountOf(name: string, text: string): number {
  const quantity = parseQuantity(text)
  return Number(name === 'cpu' ? quantity.milliValue() : quantity.value())
}

export function addAmounts(to: Amounts, amounts: Amounts, sign: 1 | -1 = 1): void {
  for (const [name, amount] of amounts) to.set(name, (to.get(name) ?? 0) + sign * amount)
}

function raiseTo(amounts: Amounts, atLeast: Amounts): void {
  for (const [name, amount] of atLeast) {
    if (amount > (amounts.get(name) ?? 0)) amounts.set(name, amount)
  }
}

const withAssumptions = (requests: Amounts): Amounts => {
  const amounts = new Map(requests)
  if (!amounts.has('cpu')) amounts.set('cpu', ASSUMED_MILLI_CPU)
  if (!amounts.has('memory')) amounts.set('memory', ASSUMED_MEMORY_BYTES)
  return amounts
}

/**
 * What a Pod needs at its most demanding moment: while its init containers run one by one, or
 * while all its containers run; sidecars run beside either. What the Pod as a whole asks for
 * replaces the sum of its containers.
 * Source: KEP-753 (sidecar containers), KEP-2837 (pod-level resources).
 */
export function podRequests(pod: Pod, requestsOf: (container: Container) => Amounts): Amounts {
  const running: Amounts = new Map()
  for (const container of pod.spec.containers) addAmounts(running, requestsOf(container))
  const sidecars: Amounts = new Map()
  const initializing: Amounts = new Map()
  for (const container of pod.spec.initContainers ?? []) {
    const needs = requestsOf(container)
    if (container.restartPolicy === 'Always') {
      addAmounts(running, needs)
      addAmounts(sidecars, needs)
      raiseTo(initializing, sidecars)
    } else {
      const together = new Map(needs)
      addAmounts(together, sidecars)
      raiseTo(initializing, together)
    }
  }
  raiseTo(running, initializing)
  for (const [name, amount] of amountsOf(pod.spec.resources?.requests)) running.set(name, amount)
  addAmounts(running, amountsOf(pod.spec.overhead))
  return running
}

/** What the Pod asks for: what must fit. */
export const requestedAmounts = (pod: Pod): Amounts =>
  podRequests(pod, (container) => amountsOf(container.resources?.requests))

/** As asked, with assumptions for containers that ask for nothing: what is compared. */
export const assumedAmounts = (pod: Pod): Amounts =>
  podRequests(pod, (container) => withAssumptions(amountsOf(container.resources?.requests)))
