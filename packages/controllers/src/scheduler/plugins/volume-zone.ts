import { FITS, type FilterPlugin, unresolvable } from '../framework/plugin.js'
import { claimUses } from '../volumes/pod-claims.js'

const WRONG_ZONE = unresolvable('node(s) had no available volume zone')

/** Labels that say where something is; the last two are the older names. */
const PLACES = [
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
] as const

interface Place {
  readonly key: string
  readonly values: readonly string[]
}

/** A volume that is labelled with its zones can be reached from nodes of these alone. */
export const volumeZone: FilterPlugin = {
  name: 'VolumeZone',
  retryOn: ['claim/changed', 'volume/changed', 'storage-class/added', 'node/added', 'node/labels'],
  prefilter({ pod }, cluster) {
    const places: Place[] = []
    for (const { name } of claimUses(pod)) {
      const claim = cluster.claim(pod.metadata.namespace ?? '', name)
      const labels = cluster.volume(claim?.spec.volumeName ?? '')?.metadata.labels ?? {}
      for (const key of PLACES) {
        const text = labels[key]
        if (text !== undefined) places.push({ key, values: text.split('__') })
      }
    }
    if (places.length === 0) return undefined
    return {
      filter({ labels }) {
        // A cluster that has no zones is all in one place.
        if (PLACES.every((key) => labels[key] === undefined)) return FITS
        const isThere = places.every(({ key, values }) => values.includes(placeOf(labels, key)))
        return isThere ? FITS : WRONG_ZONE
      },
    }
  },
}

/** The node may be labelled by the newer name alone. */
const placeOf = (labels: Readonly<Record<string, string>>, key: string): string =>
  labels[key] ??
  labels[key.replace('failure-domain.beta.kubernetes.io', 'topology.kubernetes.io')] ??
  ''
