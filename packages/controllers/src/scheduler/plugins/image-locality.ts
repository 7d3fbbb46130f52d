import type { Node } from '@miniplane/api'
import { SCORE_MAX, type ScorePlugin } from '../framework/plugin.js'

const SMALLEST_BYTES = 23 * 1024 * 1024
const LARGEST_BYTES_PER_CONTAINER = 1000 * 1024 * 1024

/** Prefers nodes that hold the Pod's images; says nothing while no node reports images. */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  prescore({ pod }, cluster, feasible) {
    if (!feasible.some(({ node }) => node?.status.images?.length)) return undefined
    const images = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
      (container) => container.image ?? '',
    )
    const largest = LARGEST_BYTES_PER_CONTAINER * images.length
    const spread = new Map(
      images.map((image) => [
        image,
        cluster.nodes.filter(({ node }) => bytesOf(node, image) > 0).length / cluster.nodes.length,
      ]),
    )
    return {
      score({ node }) {
        // An image on one node only counts less, or that node would get every Pod that needs it.
        let bytes = 0
        for (const image of images) bytes += bytesOf(node, image) * (spread.get(image) ?? 0)
        const within = Math.min(Math.max(bytes, SMALLEST_BYTES), largest)
        return Math.floor((SCORE_MAX * (within - SMALLEST_BYTES)) / (largest - SMALLEST_BYTES))
      },
    }
  },
}

function bytesOf(node: Node | undefined, image: string): number {
  const held = node?.status.images?.find(({ names }) => names?.includes(image))
  return held?.sizeBytes ?? 0
}
