import {
  type KubeList,
  type KubeObject,
  type Lease,
  type Node,
  type Pod,
  parseQuantity,
  podLimits,
  podRequests,
  type Quantity,
} from '@miniplane/api'
import { isNotFound } from '../errors/status.js'
import { ageOf } from '../printers/human-duration.js'
import { resourcePath } from '../resolve/paths.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { longTime, writeAnnotations, writeLabels, writeList } from './text.js'
import type { DescribeWriter } from './writer.js'

const PODS = { group: '', version: 'v1', resource: 'pods', namespaced: true }
const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespaced: true }

export async function describeNode(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer } = context
  const node = object as unknown as Node
  const { metadata, spec, status } = node
  writer.field('Name', metadata.name)
  writer.field('Roles', rolesOf(metadata.labels))
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  writer.field('CreationTimestamp', longTime(metadata.creationTimestamp))
  writeList(
    writer,
    'Taints',
    (spec?.taints ?? []).map(
      ({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`,
    ),
  )
  writer.field('Unschedulable', spec?.unschedulable ?? false)
  await writeLease(writer, metadata.name ?? '', context)
  writeConditions(writer, node)
  writer.line(0, 'Addresses:')
  for (const { type, address } of status?.addresses ?? []) writer.field(type, address, 1)
  writeAmounts(writer, 'Capacity', status?.capacity)
  writeAmounts(writer, 'Allocatable', status?.allocatable)
  writeSystem(writer, node)
  if (spec?.podCIDR) writer.field('PodCIDR', spec.podCIDR)
  if (spec?.podCIDRs) writer.field('PodCIDRs', spec.podCIDRs.join(','))
  if (spec?.providerID) writer.field('ProviderID', spec.providerID)
  const pods = await podsOn(metadata.name ?? '', context)
  writePods(writer, pods, node, context.nowMs)
  await writeEvents(object, context)
}

function rolesOf(labels: Readonly<Record<string, string>> = {}): string {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(labels)
    .filter((label) => label.startsWith(prefix))
    .map((label) => label.slice(prefix.length))
  return roles.sort().join(',') || '<none>'
}

async function writeLease(writer: DescribeWriter, name: string, { session }: DescribeContext) {
  let lease: Lease | undefined
  try {
    const path = resourcePath(LEASES, 'kube-node-lease', name)
    lease = (await session.rest.object({ method: 'GET', path })) as unknown as Lease
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  const { holderIdentity, acquireTime, renewTime } = lease?.spec ?? {}
  writer.line(0, 'Lease:')
  writer.field('HolderIdentity', holderIdentity ?? '<unset>', 1)
  writer.field('AcquireTime', acquireTime ? longTime(acquireTime) : '<unset>', 1)
  writer.field('RenewTime', renewTime ? longTime(renewTime) : '<unset>', 1)
}

function writeConditions(writer: DescribeWriter, { status }: Node): void {
  const conditions = status?.conditions ?? []
  if (conditions.length === 0) return
  writer.line(0, 'Conditions:')
  writer.line(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage')
  writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
  for (const one of conditions) {
    const { type, status: state, reason = '', message = '' } = one
    const beat = longTime(one.lastHeartbeatTime)
    const changed = longTime(one.lastTransitionTime)
    writer.line(1, `${type} \t${state} \t${beat} \t${changed} \t${reason} \t${message}`)
  }
}

function writeAmounts(
  writer: DescribeWriter,
  title: string,
  amounts: Readonly<Record<string, string>> = {},
): void {
  const entries = Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) return
  writer.line(0, `${title}:`)
  for (const [name, amount] of entries) writer.field(name, amount, 1)
}

function writeSystem(writer: DescribeWriter, { status }: Node): void {
  const info = status?.nodeInfo
  writer.line(0, 'System Info:')
  const fields: [string, string | undefined][] = [
    ['Machine ID', info?.machineID],
    ['System UUID', info?.systemUUID],
    ['Boot ID', info?.bootID],
    ['Kernel Version', info?.kernelVersion],
    ['OS Image', info?.osImage],
    ['Operating System', info?.operatingSystem],
    ['Architecture', info?.architecture],
    ['Container Runtime Version', info?.containerRuntimeVersion],
    ['Kubelet Version', info?.kubeletVersion],
  ]
  for (const [title, value] of fields) writer.field(title, value ?? '', 1)
}

async function podsOn(name: string, { session }: DescribeContext): Promise<Pod[]> {
  const list = (await session.rest.object({
    method: 'GET',
    path: resourcePath(PODS, undefined),
    query: {
      fieldSelector: `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`,
    },
  })) as unknown as KubeList
  return list.items as unknown as Pod[]
}

type Amount = 'requests' | 'limits'

const ZERO = '0'

const podAmount = (pod: Pod, kind: Amount, name: string): Quantity =>
  (kind === 'requests' ? podRequests(pod) : podLimits(pod))[name] ?? parseQuantity(ZERO)

const percent = (amount: Quantity, of: string | undefined): string => {
  const whole = Number(parseQuantity(of ?? ZERO).milliValue())
  return `(${whole === 0 ? 0 : Math.trunc((Number(amount.milliValue()) / whole) * 100)}%)`
}

function writePods(writer: DescribeWriter, pods: readonly Pod[], node: Node, nowMs: number): void {
  const allocatable = node.status?.allocatable ?? node.status?.capacity ?? {}
  const cell = (amount: Quantity, name: string) => `${amount} ${percent(amount, allocatable[name])}`
  writer.field('Non-terminated Pods', `(${pods.length} in total)`)
  writer.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  writer.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  for (const pod of pods) {
    const cells = [
      cell(podAmount(pod, 'requests', 'cpu'), 'cpu'),
      cell(podAmount(pod, 'limits', 'cpu'), 'cpu'),
      cell(podAmount(pod, 'requests', 'memory'), 'memory'),
      cell(podAmount(pod, 'limits', 'memory'), 'memory'),
    ]
    const { name, namespace, creationTimestamp } = pod.metadata
    writer.line(
      1,
      `${namespace}\t${name}\t\t${cells.join('\t')}\t${ageOf(creationTimestamp, nowMs)}`,
    )
  }
  writer.line(0, 'Allocated resources:')
  writer.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)')
  writer.line(1, 'Resource\tRequests\tLimits')
  writer.line(1, '--------\t--------\t------')
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const sum = (kind: Amount) =>
      pods.reduce((total, pod) => total.add(podAmount(pod, kind, name)), parseQuantity(ZERO))
    writer.line(1, `${name}\t${cell(sum('requests'), name)}\t${cell(sum('limits'), name)}`)
  }
}
