import { type Pod, type RuntimeClass, semanticEqual } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { objectAs, only, refuse } from './request-kinds.js'

const UNASKED_OVERHEAD =
  'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'

/** What a runtime costs and where it runs becomes part of the Pods that ask for it. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: only('', 'pods', 'CREATE'),
  admit(request) {
    const pod = objectAs<Pod>(request)
    const runtime = runtimeOf(request, pod)
    if (!runtime) return
    setOverhead(request, pod, runtime)
    setScheduling(request, pod, runtime)
  },
  validate(request) {
    const pod = objectAs<Pod>(request)
    if (pod.spec.overhead && !pod.spec.runtimeClassName) {
      throw refuse(request, UNASKED_OVERHEAD)
    }
  },
}

function runtimeOf(request: AdmissionRequest, { spec }: Pod): RuntimeClass | undefined {
  const name = spec.runtimeClassName
  if (!name) return undefined
  const found = request.context.lister.get('node.k8s.io', 'runtimeclasses', undefined, name)
  if (!found) throw refuse(request, `pod rejected: RuntimeClass "${name}" not found`)
  return found as unknown as RuntimeClass
}

function setOverhead(request: AdmissionRequest, { spec }: Pod, { overhead }: RuntimeClass): void {
  const fixed = overhead?.podFixed
  if (!overhead) {
    if (spec.overhead) throw refuse(request, UNASKED_OVERHEAD)
    return
  }
  if (spec.overhead && !semanticEqual(spec.overhead, fixed)) {
    throw refuse(
      request,
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    )
  }
  if (fixed) spec.overhead = { ...fixed }
}

function setScheduling(
  request: AdmissionRequest,
  { spec }: Pod,
  { scheduling }: RuntimeClass,
): void {
  for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key]
    if (own !== undefined && own !== value) {
      const conflict = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`
      throw refuse(request, `conflict: ${conflict}`)
    }
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value }
  }
  for (const toleration of scheduling?.tolerations ?? []) {
    if (spec.tolerations?.some((one) => semanticEqual(one, toleration))) continue
    spec.tolerations = [...(spec.tolerations ?? []), { ...toleration }]
  }
}
