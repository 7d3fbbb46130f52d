import type { Pod } from '@miniplane/api'

/** A Pod with gates does not enter the queue; whoever set a gate removes it when all is ready. */
export const schedulingGates = {
  name: 'SchedulingGates',
  isGated: (pod: Pod): boolean => (pod.spec.schedulingGates?.length ?? 0) > 0,
}
