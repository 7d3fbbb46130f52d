import type { NodeRefusal } from './filter.js'

/**
 * Why a Pod fits nowhere, in the real scheduler's words:
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`
 */
export function fitMessage(
  nodeCount: number,
  refusals: Iterable<readonly string[]>,
  rejection?: NodeRefusal,
): string {
  const summary = rejection
    ? rejection.refusal.reasons.join(', ')
    : countReasons(refusals).join(', ')
  const head = `0/${nodeCount} nodes are available:`
  return summary === '' ? head : `${head} ${summary}.`
}

function countReasons(refusals: Iterable<readonly string[]>): string[] {
  const counts = new Map<string, number>()
  for (const reasons of refusals) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  // By the text with its number in front, byte by byte: `1 node(s)…` before `2 Insufficient…`.
  return [...counts].map(([reason, count]) => `${count} ${reason}`).sort(byBytes)
}

const byBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
