import { controllerOf, type KubeList, type KubeObject, type Pod, sleep } from '@miniplane/api'
import type { DryRun } from '../commands/dry-run.js'
import { asError, CommandError, ErrorList, throwCollected } from '../errors/errors.js'
import { isNotFound, isReason } from '../errors/status.js'
import type { ResourceInfo } from '../resolve/discovery.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'
import { WaitTimeout, WEEK_MS, waitUntilGone } from '../waiting/until.js'

export interface DrainOptions {
  readonly deleteEmptydirData: boolean
  readonly disableEviction: boolean
  readonly dryRun: DryRun
  readonly force: boolean
  readonly gracePeriod: number
  readonly ignoreDaemonsets: boolean
  readonly podSelector: string
  readonly timeout: number
}

const PODS = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
} as ResourceInfo

/** Between two tries of an eviction that a disruption budget refused. */
const RETRY_MS = 5000

type Verdict =
  | { readonly evict: true; readonly warning?: string }
  | { readonly evict: false; readonly warning?: string; readonly error?: string }

/** Evicts the Pods of a node and waits until they are gone. Throws when some must not go. */
export async function drainNode(
  session: Session,
  node: string,
  options: DrainOptions,
): Promise<void> {
  const list = (await session.rest.object({
    method: 'GET',
    path: resourcePath(PODS, undefined),
    query: {
      fieldSelector: `spec.nodeName=${node}`,
      labelSelector: options.podSelector || undefined,
    },
  })) as unknown as KubeList
  const pods = list.items.map((pod) => ({ pod, verdict: judge(pod as unknown as Pod, options) }))
  const errors = grouped(pods, ({ verdict }) => (verdict.evict ? undefined : verdict.error))
  if (errors.size > 0) {
    throw new ErrorList(
      [...errors].map(([reason, names]) => new CommandError(`${reason}: ${names.join(', ')}`)),
    )
  }
  const warnings = grouped(pods, ({ verdict }) => verdict.warning)
  if (warnings.size > 0) {
    const text = [...warnings].map(([reason, names]) => `${reason}: ${names.join(', ')}`).join('; ')
    session.out.stderr(`Warning: ${text}\n`)
  }
  await evictAll(
    session,
    pods.filter(({ verdict }) => verdict.evict).map(({ pod }) => pod),
    node,
    options,
  )
}

function grouped<T extends { pod: KubeObject }>(
  items: readonly T[],
  reasonOf: (item: T) => string | undefined,
): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const item of items) {
    const reason = reasonOf(item)
    if (reason === undefined) continue
    const { namespace, name } = item.pod.metadata
    groups.set(reason, [...(groups.get(reason) ?? []), `${namespace}/${name}`])
  }
  return groups
}

/** Whether a Pod may go, as kubectl's filters decide one after another. */
function judge(pod: Pod, options: DrainOptions): Verdict {
  const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  const owner = controllerOf(pod as unknown as KubeObject)
  if (owner?.kind === 'DaemonSet' && !isOver) {
    return options.ignoreDaemonsets
      ? { evict: false, warning: 'ignoring DaemonSet-managed Pods' }
      : {
          evict: false,
          error: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
        }
  }
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror']) return { evict: false }
  if (isOver) return { evict: true }
  const hasLocalData = (pod.spec?.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined)
  if (hasLocalData && !options.deleteEmptydirData) {
    return {
      evict: false,
      error: 'cannot delete Pods with local storage (use --delete-emptydir-data to override)',
    }
  }
  if (!owner) {
    return options.force
      ? { evict: true, warning: 'deleting Pods that declare no controller' }
      : {
          evict: false,
          error: 'cannot delete Pods that declare no controller (use --force to override)',
        }
  }
  return hasLocalData
    ? { evict: true, warning: 'deleting Pods with local storage' }
    : { evict: true }
}

async function evictAll(
  session: Session,
  pods: readonly KubeObject[],
  node: string,
  options: DrainOptions,
): Promise<void> {
  const deadline = session.clock.monotonic() + (options.timeout || WEEK_MS)
  const results = await Promise.allSettled(
    pods.map((pod) => evictOne(session, pod, deadline, options)),
  )
  const failed = results.flatMap((result, at) =>
    result.status === 'rejected'
      ? [{ pod: pods[at] as KubeObject, error: asError(result.reason) }]
      : [],
  )
  if (failed.length === 0) return
  const errors = failed.map(({ error }) => error)
  const all = new ErrorList(errors)
  session.out.stderr(
    `There are pending pods in node "${node}" when an error occurred: ${all.message}\n`,
  )
  for (const { pod } of failed) session.out.stderr(`pod/${pod.metadata.name}\n`)
  throwCollected(errors)
}

async function evictOne(
  session: Session,
  pod: KubeObject,
  deadline: number,
  options: DrainOptions,
): Promise<void> {
  const { name = '', namespace = '', uid } = pod.metadata
  const suffix =
    options.dryRun === 'none'
      ? ''
      : options.dryRun === 'client'
        ? ' (dry run)'
        : ' (server dry run)'
  const what = `error when evicting pods/"${name}" -n "${namespace}"`
  const timedOut = `global timeout reached: ${options.timeout / 1000}s`
  for (;;) {
    session.line(`evicting pod ${namespace}/${name}${suffix}`)
    if (options.dryRun !== 'none') return
    if (session.clock.monotonic() >= deadline) throw new CommandError(`${what}: ${timedOut}`)
    try {
      await requestEviction(session, name, namespace, options)
      break
    } catch (error) {
      if (isNotFound(error)) return
      if (!isReason(error, 'TooManyRequests')) {
        throw new CommandError(`${what}: ${asError(error).message}`)
      }
      session.out.stderr(`${what} (will retry after 5s): ${error.message}\n`)
      await sleep(session.clock, RETRY_MS, session.signal)
    }
  }
  try {
    const left = deadline - session.clock.monotonic()
    await waitUntilGone(session, { resource: PODS, namespace, name }, uid, left)
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error
    throw new CommandError(
      `error when waiting for pod "${name}" in namespace "${namespace}" to terminate: ${timedOut}`,
    )
  }
  session.line(`pod/${name} evicted`)
}

async function requestEviction(
  session: Session,
  name: string,
  namespace: string,
  options: DrainOptions,
): Promise<void> {
  const deleteOptions =
    options.gracePeriod < 0 ? {} : { deleteOptions: { gracePeriodSeconds: options.gracePeriod } }
  if (options.disableEviction) {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...deleteOptions.deleteOptions }
    await session.rest.send({ method: 'DELETE', path: resourcePath(PODS, namespace, name), body })
    return
  }
  await session.rest.send({
    method: 'POST',
    path: resourcePath(PODS, namespace, name, 'eviction'),
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      ...deleteOptions,
    },
  })
}
