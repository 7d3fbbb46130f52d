import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import type { Strategy, StrategyContext } from './strategy.js'

/** A request of nobody, on a clock that stands still; `given` are what the caches hold at first, and are written to. */
export function contextWith(
  given: readonly (KubeObject & { readonly at: string })[] = [],
): StrategyContext {
  let objects = given
  const of = (group: string, resource: string) =>
    objects.filter(({ at }) => at === `${group}/${resource}`)
  return {
    clock: new ManualClock(),
    random: seededRandom(1),
    namespace: 'default',
    user: { name: 'test', groups: [] },
    dryRun: false,
    lister: {
      get: (group, resource, _namespace, name) =>
        of(group, resource).find(({ metadata }) => metadata.name === name),
      getLatest: async (group, resource, _namespace, name) =>
        of(group, resource).find(({ metadata }) => metadata.name === name),
      list: (group, resource) => of(group, resource),
    },
    companions: {
      async create(group, resource, object) {
        const at = `${group}/${resource}`
        const { name } = object.metadata
        if (of(group, resource).some(({ metadata }) => metadata.name === name)) return false
        objects = [...objects, { ...object, at }]
        return true
      },
      async remove(group, resource, _namespace, name) {
        const at = `${group}/${resource}`
        objects = objects.filter((one) => one.at !== at || one.metadata.name !== name)
      },
    },
    async writeStatus(group, resource, name, change) {
      const found = of(group, resource).find(({ metadata }) => metadata.name === name)
      if (!found) throw new Error(`no ${resource} is called ${name}`)
      change(found, structuredClone(found))
    },
  }
}

/** What `strategy` finds wrong with a new object: `path: text`, after defaulting. */
export function faultsOf(strategy: unknown, object: unknown): string[] {
  const { setDefaults, validate } = strategy as Strategy
  const draft = structuredClone(object) as KubeObject
  setDefaults?.(draft)
  return (validate?.(draft, contextWith()) ?? []).map(
    ({ field, message }) => `${field}: ${message}`,
  )
}

/** What is wrong with changing `stored` into `draft`; both are defaulted first. */
export function updateFaultsOf(strategy: unknown, draft: unknown, stored: unknown): string[] {
  const { setDefaults, validateUpdate } = strategy as Strategy
  const [after, before] = [structuredClone(draft), structuredClone(stored)] as KubeObject[]
  for (const one of [after, before]) if (one) setDefaults?.(one)
  if (!after || !before) throw new Error('both forms of the object are needed')
  const errors = validateUpdate?.(after, before, contextWith()) ?? []
  return errors.map(({ field, message }) => `${field}: ${message}`)
}
