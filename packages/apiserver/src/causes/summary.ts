import type { KubeObject, ObjectMeta } from '@miniplane/api'

interface Spec {
  replicas?: number
  nodeName?: string
}

interface Status {
  phase?: string
  replicas?: number
  readyReplicas?: number
  conditions?: { type?: string; status?: string }[]
}

/** What a write did, in a few words for people; undefined when there is nothing to add. */
export function summaryOf(
  kind: string,
  verb: string,
  after: KubeObject,
  before: KubeObject | undefined,
): string | undefined {
  if (verb === 'delete') return deletionSummary(after.metadata, before?.metadata)
  const [spec, oldSpec] = [after.spec, before?.spec] as (Spec | undefined)[]
  const [status, oldStatus] = [after.status, before?.status] as (Status | undefined)[]
  if (spec?.nodeName && before && !oldSpec?.nodeName) return `bound to ${spec.nodeName}`
  if (kind === 'Pod') return podSummary(status, oldStatus, before !== undefined)
  if (typeof spec?.replicas === 'number' && spec.replicas !== oldSpec?.replicas)
    return before ? `scaled to ${spec.replicas}` : `${spec.replicas} replicas`
  if (status?.readyReplicas !== undefined && status.readyReplicas !== oldStatus?.readyReplicas)
    return `${status.readyReplicas} ready`
  return undefined
}

/** What was marked stays for a while; the write that removes it finds it as it was. */
function deletionSummary(after: ObjectMeta, before: ObjectMeta | undefined): string | undefined {
  if (!after.deletionTimestamp) return undefined
  const isMarked =
    after.deletionTimestamp !== before?.deletionTimestamp ||
    after.deletionGracePeriodSeconds !== before?.deletionGracePeriodSeconds
  return isMarked ? 'terminating' : 'gone'
}

function podSummary(
  status: Status | undefined,
  oldStatus: Status | undefined,
  existed: boolean,
): string | undefined {
  if (!existed) return undefined
  const isReady = (one: Status | undefined) =>
    one?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  const parts: string[] = []
  if (status?.phase && status.phase !== oldStatus?.phase) parts.push(`phase ${status.phase}`)
  if (isReady(status) !== isReady(oldStatus)) parts.push(isReady(status) ? 'ready' : 'not ready')
  return parts.length > 0 ? parts.join(', ') : undefined
}
