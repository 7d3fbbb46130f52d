import { type FlowSchema, formatTime, type KubeObject } from '@miniplane/api'
import type { Services } from '../handlers/scope.js'
import { draftOf } from '../registry/generic/draft-of.js'
import type { Resource } from '../registry/resource.js'
import type { Observer } from './condition-keeper.js'

const MANAGER = 'api-priority-and-fairness-config-consumer-v1'
/** Levels that the server imagines while nobody has made them. */
const MANDATORY = ['exempt', 'catch-all']

/** Whether the priority level that a schema names is there. Source: KEP-1040. */
export function danglingObserver(services: Services, { definition }: Resource): Observer {
  const { clock, fieldManagers, lister } = services
  return {
    observe(object) {
      const { spec, status } = object as FlowSchema
      const { name } = spec.priorityLevelConfiguration
      const isThere =
        MANDATORY.includes(name) ||
        lister.get(definition.group, 'prioritylevelconfigurations', undefined, name) !== undefined
      const before = status?.conditions?.find(({ type }) => type === 'Dangling')
      const wanted = isThere ? 'False' : 'True'
      const found = isThere ? 'and it exists' : 'but there is no such object'
      const message = `This FlowSchema references the PriorityLevelConfiguration object named "${name}" ${found}`
      if (before?.status === wanted && before.message === message) return undefined
      const condition = {
        type: 'Dangling',
        status: wanted,
        lastTransitionTime: formatTime(clock.now()),
        reason: isThere ? 'Found' : 'NotFound',
        message,
      }
      return { conditions: [condition] }
    },
    write(current, status) {
      const { apiVersion, kind, metadata } = current
      const config = { apiVersion, kind, metadata: { name: metadata.name }, status } as KubeObject
      const manager = fieldManagers.of(definition, 'status')
      const { object, managed } = manager.apply(current, config, MANAGER, true)
      const draft = draftOf(object ?? current)
      manager.write(draft, managed)
      return draft
    },
  }
}
