import type { Pod, Toleration } from '@miniplane/api'
import type { AdmissionPlugin } from '../admission.js'
import { objectAs, only } from './request-kinds.js'

const SECONDS = 300
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** Pods stay on a node that is gone for a while, in case it comes back. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: only('', 'pods', 'CREATE', 'UPDATE'),
  admit(request) {
    const { spec } = objectAs<Pod>(request)
    const missing = TAINTS.filter((key) => !spec.tolerations?.some((one) => tolerates(one, key)))
    if (missing.length === 0) return
    spec.tolerations = [
      ...(spec.tolerations ?? []),
      ...missing.map((key) => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: SECONDS,
      })),
    ]
  },
}

const tolerates = ({ key, effect }: Toleration, taint: string) =>
  (!key || key === taint) && (!effect || effect === 'NoExecute')
