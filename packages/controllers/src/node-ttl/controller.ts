import { resources } from '@miniplane/client'
import { type Controller, watch } from '../manager/controller.js'

const TTL = 'node.alpha.kubernetes.io/ttl'

/** Clusters of so many nodes keep what they read for so many seconds. */
const SIZES: readonly (readonly [upTo: number, seconds: number])[] = [
  [100, 0],
  [500, 15],
  [1_000, 30],
  [2_000, 60],
  [10_000, 300],
  [Number.POSITIVE_INFINITY, 600],
]

/** Tells every kubelet how long it may keep Secrets and ConfigMaps before it reads them again. */
export const nodeTtlController: Controller = {
  name: 'ttl-controller',

  start({ informer }) {
    const nodes = informer(resources.nodes).cache
    return {
      watches: [
        watch(resources.nodes, ({ type, object }) =>
          type === 'deleted' ? [] : [object.metadata.name ?? ''],
        ),
      ],
      async reconcile(name, { client }) {
        const node = nodes.get(name)
        if (!node) return undefined
        const wanted = ttlFor(nodes.list().length)
        if (node.metadata.annotations?.[TTL] === wanted) return undefined
        const patch = { metadata: { annotations: { [TTL]: wanted } } }
        await client.of(resources.nodes).patch(name, patch, { type: 'strategic' })
        return undefined
      },
    }
  },
}

export const ttlFor = (nodes: number): string =>
  String(SIZES.find(([upTo]) => nodes <= upTo)?.[1] ?? 0)
