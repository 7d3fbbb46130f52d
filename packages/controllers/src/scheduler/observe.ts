import { isEqual, isPodTerminal, type Node, type Pod, type Trigger } from '@miniplane/api'
import {
  type InformerFactory,
  type InformerHandler,
  keyOf,
  type ResourceRef,
  resources,
} from '@miniplane/client'
import type { Nominations } from './preemption/nominations.js'
import type { ClusterEvent, PodEvent } from './queue/cluster-event.js'
import type { SchedulingQueue } from './queue/scheduling-queue.js'
import type { ClusterCache } from './snapshot/cluster-cache.js'
import { isSameSpec, PodInfo } from './snapshot/pod-info.js'

export interface Observed {
  readonly cluster: ClusterCache
  readonly queue: SchedulingQueue
  readonly nominations: Nominations
  /** Pods that ask for this scheduler are ours. */
  readonly schedulerName: string
}

const trigger = (
  resource: string,
  object: { metadata: { name?: string; namespace?: string; resourceVersion?: string } },
): Trigger => ({
  resource,
  key: keyOf(object),
  revision: object.metadata.resourceVersion ?? '',
})

/** Feeds what informers tell into the cache of the cluster and the queue. */
export function observeCluster(informers: InformerFactory, observed: Observed): void {
  informers.informer<Pod>(resources.pods).addHandler(podHandler(observed))
  informers.informer<Node>(resources.nodes).addHandler(nodeHandler(observed))
  const wakeOnChange = <T extends { metadata: object }>(
    ref: ResourceRef<T & { metadata: Pod['metadata'] }>,
    name: string,
    event: ClusterEvent,
  ) => {
    const wake = (object: { metadata: Pod['metadata'] }) =>
      observed.queue.onEvent(event, trigger(name, object))
    informers.informer(ref).addHandler({ onAdd: wake, onUpdate: (_, object) => wake(object) })
  }
  wakeOnChange(resources.persistentVolumeClaims, '/persistentvolumeclaims', 'claim/changed')
  wakeOnChange(resources.persistentVolumes, '/persistentvolumes', 'volume/changed')
  wakeOnChange(resources.storageClasses, 'storage.k8s.io/storageclasses', 'storage-class/added')
  wakeOnChange(resources.csiNodes, 'storage.k8s.io/csinodes', 'csi-node/changed')
  wakeOnChange(resources.namespaces, '/namespaces', 'namespace/labels')
}

function podHandler({
  cluster,
  queue,
  nominations,
  schedulerName,
}: Observed): InformerHandler<Pod> {
  const put = (pod: Pod, old?: Pod) => {
    const nodeName = pod.spec.nodeName
    if (isPodTerminal(pod)) return remove(pod)
    const uid = pod.metadata.uid ?? ''
    const info = new PodInfo(pod, cluster.pod(uid) ?? queue.get(uid))
    if (nodeName) place(info, nodeName, old)
    else if (pod.spec.schedulerName === schedulerName) wait(info, old)
  }
  const place = (info: PodInfo, nodeName: string, old: Pod | undefined) => {
    const { pod } = info
    queue.delete(info.uid)
    nominations.delete(info.uid)
    const isNew = !old?.spec.nodeName
    const wasAssumed = cluster.isAssumed(info.uid)
    cluster.setPod(info, nodeName)
    // A Pod that we placed ourselves tells nobody news: it has counted since it was assumed.
    if (isNew) {
      if (!wasAssumed) queue.onEvent('pod/assigned', trigger('/pods', pod), { pod: info })
      return
    }
    if (!isEqual(old.metadata.labels, pod.metadata.labels)) {
      queue.onEvent('pod/labels', trigger('/pods', pod), { pod: info })
      queue.onEvent('pod/labels', trigger('/pods', pod), { pod: new PodInfo(old), isLess: true })
    }
    if (asksForLess(old, info)) queue.onEvent('pod/resources', trigger('/pods', pod))
  }
  const wait = (info: PodInfo, old: Pod | undefined) => {
    const nominated = info.pod.status.nominatedNodeName
    if (nominated) nominations.set(info, nominated)
    if (cluster.isAssumed(info.uid)) return
    queue.update(info, old ? changesOf(old, info.pod) : [], trigger('/pods', info.pod))
  }
  const remove = (pod: Pod) => {
    const uid = pod.metadata.uid ?? ''
    queue.delete(uid)
    nominations.delete(uid)
    cluster.removePod(uid)
    // Room that was only promised is room again, too.
    if (pod.spec.nodeName || pod.status.nominatedNodeName) {
      queue.onEvent('pod/removed', trigger('/pods', pod), { pod: new PodInfo(pod), isLess: true })
    }
  }
  return {
    onAdd: put,
    onUpdate(old, pod) {
      const isOther = old.metadata.uid !== pod.metadata.uid
      if (isOther) remove(old)
      put(pod, isOther ? undefined : old)
    },
    onDelete: remove,
  }
}

function asksForLess(old: Pod, info: PodInfo): boolean {
  if (isSameSpec(old, info.pod)) return false
  for (const [name, amount] of new PodInfo(old).requests) {
    if ((info.requests.get(name) ?? 0) < amount) return true
  }
  return false
}

/** How a waiting Pod changed, as far as that can make it fit. Its status can't. */
function changesOf(old: Pod, pod: Pod): PodEvent[] {
  const events: PodEvent[] = []
  if (!isEqual(old.metadata.labels, pod.metadata.labels)) events.push('self/labels')
  if (!isEqual(old.spec.tolerations, pod.spec.tolerations)) events.push('self/tolerations')
  if (!isEqual(old.spec.schedulingGates, pod.spec.schedulingGates)) events.push('self/gates')
  if (!isEqual(old.spec.containers, pod.spec.containers)) events.push('self/resources')
  return events
}

function nodeHandler({ cluster, queue }: Observed): InformerHandler<Node> {
  const tell = (event: ClusterEvent, object: Node) => {
    const node = cluster.node(object.metadata.name ?? '')
    queue.onEvent(event, trigger('/nodes', object), node ? { node } : {})
  }
  return {
    onAdd(node) {
      cluster.setNode(node)
      tell('node/added', node)
    },
    onUpdate(old, node) {
      cluster.setNode(node)
      if (!isEqual(old.metadata.labels, node.metadata.labels)) tell('node/labels', node)
      if (!isEqual(old.status.allocatable, node.status.allocatable)) tell('node/allocatable', node)
      const cordonChanged = old.spec.unschedulable !== node.spec.unschedulable
      if (cordonChanged || !isEqual(old.spec.taints, node.spec.taints)) tell('node/taints', node)
    },
    onDelete: (node) => cluster.removeNode(node.metadata.name ?? ''),
  }
}
