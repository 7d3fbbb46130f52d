import { isPodTerminal, type KubeObject, type Node, type Pod, parseTime } from '@miniplane/api'
import { targetNodeOf } from './pod-template.js'

export type PodObject = Pod & KubeObject
export type NodeObject = Node & KubeObject

/** A set's Pods by the node they are on or meant for. */
export type PodsByNode = ReadonlyMap<string, readonly PodObject[]>

/** Pods that ended and are deleted, only held by finalizers, count as gone. */
export function podsByNode(pods: readonly PodObject[]): PodsByNode {
  const byNode = new Map<string, PodObject[]>()
  for (const pod of pods) {
    const node = targetNodeOf(pod)
    if (node === undefined || (isPodTerminal(pod) && isLeaving(pod))) continue
    const others = byNode.get(node)
    if (others) others.push(pod)
    else byNode.set(node, [pod])
  }
  return byNode
}

export const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined

/** Those with a node before those without, then by age. */
export const byAge = (a: Pod, b: Pod): number => {
  const isBound = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName))
  return isBound || createdMs(a) - createdMs(b) || (nameOf(a) < nameOf(b) ? -1 : 1)
}

const createdMs = ({ metadata }: Pod): number =>
  metadata.creationTimestamp ? parseTime(metadata.creationTimestamp) : 0

const nameOf = ({ metadata }: Pod): string => metadata.name ?? ''
