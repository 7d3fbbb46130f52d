import type { Pod, Taint } from '@miniplane/api'
import { tolerates } from '../scheduler/plugins/tolerations.js'

/**
 * How long a Pod may stay on its node once the node's taints are seen: not at all, for a time, or,
 * when it is undefined, for ever. Of all tolerations that fit, the shortest counts.
 */
export function tolerationMs({ spec }: Pod, taints: readonly Taint[]): number | undefined {
  const fitting = taints
    .filter(({ effect }) => effect === 'NoExecute')
    .map((taint) => (spec.tolerations ?? []).filter((each) => tolerates(each, taint)))
  if (fitting.some((tolerations) => tolerations.length === 0)) return 0
  const seconds = fitting
    .flat()
    .flatMap(({ tolerationSeconds }) =>
      tolerationSeconds === undefined ? [] : Number(tolerationSeconds),
    )
  return seconds.length === 0 ? undefined : Math.max(Math.min(...seconds), 0) * 1000
}
