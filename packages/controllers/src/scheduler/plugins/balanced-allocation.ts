import { SCORE_MAX, type ScorePlugin } from '../framework/plugin.js'

const COMPARED = ['cpu', 'memory'] as const

/** Prefers nodes whose cpu and memory would be used in like shares, so that neither strands. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prescore(pod) {
    // A Pod that asks for nothing moves no balance.
    if (!COMPARED.some((name) => pod.requests.get(name))) return undefined
    return {
      score(node) {
        const shares: number[] = []
        for (const name of COMPARED) {
          const capacity = node.allocatable.get(name) ?? 0
          if (capacity === 0) continue
          const used = (node.requested.get(name) ?? 0) + (pod.requests.get(name) ?? 0)
          shares.push(Math.min(1, used / capacity))
        }
        // With two shares, their standard deviation is half the distance.
        const [a = 0, b = a] = shares
        return Math.floor((1 - Math.abs(a - b) / 2) * SCORE_MAX)
      },
    }
  },
}
