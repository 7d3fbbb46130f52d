import type { PersistentVolume } from '@miniplane/api'

/** What becomes of a volume whose claim is gone. */
export type Fate = 'keep' | 'delete' | { readonly problem: string }

/** Who made the volume, and may unmake it. */
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
const IN_TREE = 'kubernetes.io/'

/**
 * As the volume's policy says. Of what Kubernetes itself can delete, folders below `/tmp` are left;
 * for the rest there is whoever made the volume.
 */
export function fateOf({ metadata, spec }: PersistentVolume): Fate {
  const { persistentVolumeReclaimPolicy: policy = 'Retain', hostPath } = spec
  if (policy !== 'Delete') return 'keep'
  const maker = metadata.annotations?.[PROVISIONED_BY]
  if (maker && !maker.startsWith(IN_TREE)) return 'keep'
  if (hostPath) {
    return /\/tmp\/.+/.test(hostPath.path)
      ? 'delete'
      : {
          problem: `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`,
        }
  }
  if (!spec.local && !spec.nfs) return 'keep'
  const why = 'no deletable volume plugin matched'
  return { problem: `error getting deleter volume plugin for volume "${metadata.name}": ${why}` }
}
