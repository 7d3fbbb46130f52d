import {
  type CSINode,
  goQuote,
  type KubeObject,
  type Node,
  notFound,
  type Pod,
  type ResourceSlice,
  semanticEqual,
} from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { borrowedBy } from './borrowed.js'
import { objectAs, refuse } from './request-kinds.js'

const USER_PREFIX = 'system:node:'
const MIRROR = 'kubernetes.io/config.mirror'
const LEASES = 'kube-node-lease'

type Rule = (request: AdmissionRequest, node: string) => void | Promise<void>

/** A node speaks for itself and for the Pods that it runs, and for nobody else. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  handles: (_operation, { group, resource }) => `${group}/${resource}` in RULES,
  async admit(request) {
    const node = nodeOf(request)
    if (node === undefined) return
    const { group, resource } = request.definition
    await RULES[`${group}/${resource}`]?.(request, node)
  },
}

/** The node that asks; undefined for everybody else. */
function nodeOf({ context }: AdmissionRequest): string | undefined {
  const { name, groups } = context.user
  if (!groups.includes('system:nodes') || !name.startsWith(USER_PREFIX)) return undefined
  return name.slice(USER_PREFIX.length)
}

const RULES: Readonly<Record<string, Rule>> = {
  '/pods': restrictPods,
  '/nodes': restrictNodes,
  '/persistentvolumeclaims': restrictClaims,
  '/serviceaccounts': restrictTokens,
  'coordination.k8s.io/leases': restrictLeases,
  'storage.k8s.io/csinodes': restrictCsiNodes,
  'resource.k8s.io/resourceslices': restrictSlices,
}

async function restrictPods(request: AdmissionRequest, node: string): Promise<void> {
  const { operation, subresource } = request
  const who = `node ${goQuote(node)}`
  switch (subresource) {
    case '':
      if (operation === 'CREATE') restrictNewPod(request, node)
      else if (operation === 'DELETE') {
        const pod = await boundPod(request)
        if (pod.spec.nodeName === node) return
        throw refuse(request, `${who} can only delete pods with spec.nodeName set to itself`)
      } else {
        const detail = `unexpected operation ${goQuote(operation)}, ${who} can only create and delete mirror pods`
        throw refuse(request, detail)
      }
      return
    case 'status':
      restrictPodStatus(request, node)
      return
    case 'eviction': {
      const pod = await boundPod(request)
      if (pod.spec.nodeName === node) return
      throw refuse(request, `node ${node} can only evict pods with spec.nodeName set to itself`)
    }
    default:
      throw refuse(
        request,
        `unexpected pod subresource ${goQuote(subresource)}, only 'status' and 'eviction' are allowed`,
      )
  }
}

async function boundPod({ context, namespace, name }: AdmissionRequest): Promise<Pod> {
  const found = await context.lister.getLatest('', 'pods', namespace, name)
  if (!found) throw notFound({ group: '', resource: 'pods' }, name)
  return found as Pod
}

/** The image of a Pod that the node runs from a file: it can't ask for anything of the cluster's. */
function restrictNewPod(request: AdmissionRequest, node: string): void {
  const { metadata, spec } = objectAs<Pod>(request)
  const who = `node ${goQuote(node)}`
  if (metadata.annotations?.[MIRROR] === undefined) {
    const detail = `pod does not have ${goQuote(MIRROR)} annotation, ${who} can only create mirror pods`
    throw refuse(request, detail)
  }
  if (spec.nodeName !== node) {
    throw refuse(request, `${who} can only create pods with spec.nodeName set to itself`)
  }
  const owners = metadata.ownerReferences ?? []
  const [owner] = owners
  if (
    owners.length !== 1 ||
    owner?.apiVersion !== 'v1' ||
    owner.kind !== 'Node' ||
    owner.name !== node
  ) {
    const detail = `${who} can only create pods with an owner reference set to itself`
    throw refuse(request, detail)
  }
  const borrowed = borrowedBy(spec)
  if (borrowed) throw refuse(request, `${who} can not create pods that reference ${borrowed}`)
}

function restrictPodStatus(request: AdmissionRequest, node: string): void {
  const before = request.oldObject as Pod | undefined
  const who = `node ${goQuote(node)}`
  if (before?.spec.nodeName !== node) {
    const detail = `${who} can only update pod status for pods with spec.nodeName set to itself`
    throw refuse(request, detail)
  }
  if (!semanticEqual(request.object?.metadata.labels, before.metadata.labels)) {
    throw refuse(request, `${who} cannot update labels through pod status`)
  }
}

function restrictNodes(request: AdmissionRequest, node: string): void {
  const { operation, object, oldObject } = request
  const who = `node ${goQuote(node)}`
  const name = request.name || (object?.metadata.name ?? '')
  if (name !== node) {
    throw refuse(request, `${who} is not allowed to modify node ${goQuote(name)}`)
  }
  const [after, before] = [object as Node | undefined, oldObject as Node | undefined]
  if (operation === 'CREATE' && after) {
    if (after.spec.configSource) {
      throw refuse(request, `${who} is not allowed to create pods with a non-nil configSource`)
    }
    const labels = forbiddenLabels(after, undefined)
    if (labels.length > 0) {
      const detail = `is not allowed to set the following labels: ${labels.join(', ')}`
      throw refuse(request, `${who} ${detail}`)
    }
    if (after.metadata.ownerReferences?.length) {
      throw refuse(request, `${who} is not allowed to set ownerReferences`)
    }
  } else if (operation === 'UPDATE' && after && before) {
    if (
      after.spec.configSource &&
      !semanticEqual(after.spec.configSource, before.spec.configSource)
    ) {
      throw refuse(
        request,
        `${who} is not allowed to update configSource to a new non-nil configSource`,
      )
    }
    if (!semanticEqual(after.spec.taints, before.spec.taints)) {
      throw refuse(request, `${who} is not allowed to modify taints`)
    }
    const labels = forbiddenLabels(after, before)
    if (labels.length > 0) {
      throw refuse(request, `${who} is not allowed to modify labels: ${labels.join(', ')}`)
    }
    if (!semanticEqual(after.metadata.ownerReferences, before.metadata.ownerReferences)) {
      throw refuse(request, `${who} is not allowed to modify ownerReferences`)
    }
  }
}

/** Labels of Kubernetes that a kubelet sets of itself; the others in its domains are not its own. */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
const KUBELET_DOMAINS = /(^|\.)(kubelet|node)\.kubernetes\.io$/
const NODE_RESTRICTION = /(^|\.)node-restriction\.kubernetes\.io$/

function forbiddenLabels(after: KubeObject, before: KubeObject | undefined): string[] {
  const [now, then] = [after.metadata.labels ?? {}, before?.metadata.labels ?? {}]
  const changed = new Set([...Object.keys(now), ...Object.keys(then)])
  return [...changed]
    .filter((key) => now[key] !== then[key])
    .filter((key) => {
      const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
      if (NODE_RESTRICTION.test(domain)) return true
      if (!/(^|\.)(kubernetes|k8s)\.io$/.test(domain)) return false
      return !KUBELET_LABELS.has(key) && !KUBELET_DOMAINS.test(domain)
    })
    .sort()
}

/** The node may say how far a volume has grown, and nothing of what was asked for. */
function restrictClaims(request: AdmissionRequest): void {
  const { operation, subresource, object, oldObject } = request
  if (subresource !== 'status') {
    const detail = `unexpected pvc subresource ${goQuote(subresource)}, only 'status' is allowed`
    throw refuse(request, detail)
  }
  if (operation !== 'UPDATE') {
    throw refuse(request, `unexpected operation ${goQuote(operation)}, node can only update`)
  }
  const rest = (one: KubeObject | undefined) => {
    const { metadata: _metadata, status: _status, ...others } = one ?? { metadata: {} }
    return others
  }
  if (!semanticEqual(rest(object), rest(oldObject))) {
    throw refuse(request, 'is not allowed to update fields other than status')
  }
}

interface TokenRequest extends KubeObject {
  readonly spec?: { boundObjectRef?: { kind?: string; name?: string; uid?: string } }
}

async function restrictTokens(request: AdmissionRequest, node: string): Promise<void> {
  const { operation, subresource, context, namespace } = request
  if (operation !== 'CREATE' || subresource !== 'token') return
  const bound = objectAs<TokenRequest>(request).spec?.boundObjectRef
  if (bound?.kind !== 'Pod' || !bound.name) {
    throw refuse(request, 'node requested token not bound to a pod')
  }
  if (!bound.uid) throw refuse(request, 'node requested token with a pod binding without a uid')
  const pod = (await context.lister.getLatest('', 'pods', namespace, bound.name)) as Pod | undefined
  if (!pod) throw notFound({ group: '', resource: 'pods' }, bound.name)
  if (pod.metadata.uid !== bound.uid) {
    const detail = `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw refuse(request, detail)
  }
  if (pod.spec.nodeName !== node) {
    throw refuse(request, 'node requested token bound to a pod scheduled on a different node')
  }
}

function restrictLeases(request: AdmissionRequest, node: string): void {
  if (request.namespace !== LEASES) {
    throw refuse(request, `can only access leases in the ${goQuote(LEASES)} system namespace`)
  }
  const name = request.name || (request.object?.metadata.name ?? '')
  if (name === node) return
  throw refuse(request, 'can only access node lease with the same name as the requesting node')
}

function restrictCsiNodes(request: AdmissionRequest, node: string): void {
  const name = request.name || ((request.object as CSINode | undefined)?.metadata.name ?? '')
  if (name === node) return
  throw refuse(request, 'can only access CSINode with the same name as the requesting node')
}

function restrictSlices(request: AdmissionRequest, node: string): void {
  const { operation, object, oldObject } = request
  const owner = (one: KubeObject | undefined) =>
    (one as unknown as ResourceSlice | undefined)?.spec.nodeName
  if (operation === 'CREATE' && owner(object) !== node) {
    const detail = 'can only create ResourceSlice with the same NodeName as the requesting node'
    throw refuse(request, detail)
  }
  if (operation === 'UPDATE' && owner(oldObject) !== node) {
    const detail = 'can only update ResourceSlice with the same NodeName as the requesting node'
    throw refuse(request, detail)
  }
  if (operation === 'DELETE' && oldObject && owner(oldObject) !== node) {
    const detail = 'can only delete ResourceSlice with the same NodeName as the requesting node'
    throw refuse(request, detail)
  }
}
