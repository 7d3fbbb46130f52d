import { type KubeList, type KubeObject, sleep } from '@miniplane/api'
import { isReason } from '../errors/status.js'
import { limits } from '../limits.js'
import type { Info } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'

/** What was waited for did not come in time. */
export class WaitTimeout extends Error {}

/** Looked at for each state of the object; undefined: it is not there. */
export type Predicate = (object: KubeObject | undefined) => boolean

/**
 * Follows one object until `done`, starting with its present state. Throws `WaitTimeout` when
 * `timeoutMs` are over; a watch that breaks off is opened again.
 */
export async function waitUntil(
  session: Session,
  info: Pick<Info, 'resource' | 'namespace' | 'name'>,
  done: Predicate,
  timeoutMs: number,
): Promise<KubeObject | undefined> {
  const deadline = new AbortController()
  const timer = session.clock.setTimer(Math.max(timeoutMs, 0), () =>
    deadline.abort(new WaitTimeout('timed out waiting for the condition')),
  )
  const onInterrupt = () => deadline.abort(session.signal.reason)
  session.signal.addEventListener('abort', onInterrupt, { once: true })
  try {
    return await followUntil(session, info, done, deadline.signal)
  } finally {
    timer.cancel()
    session.signal.removeEventListener('abort', onInterrupt)
  }
}

async function followUntil(
  session: Session,
  info: Pick<Info, 'resource' | 'namespace' | 'name'>,
  done: Predicate,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const path = resourcePath(info.resource, info.namespace)
  const query = { fieldSelector: `metadata.name=${info.name}` }
  for (;;) {
    const list = (await session.rest.object({ method: 'GET', path, query })) as unknown as KubeList
    const [present] = list.items
    if (done(present)) return present
    const { resourceVersion } = list.metadata
    const events = session.rest.watch({ path, query: { ...query, resourceVersion } }, signal)
    for await (const batch of events) {
      for (const { type, object } of batch) {
        if (type === 'ERROR') break
        if (type === 'BOOKMARK') continue
        const state = type === 'DELETED' ? undefined : object
        if (done(state)) return state
      }
    }
    await sleep(session.clock, limits.rewatchMs, signal)
  }
}

/** Waits until the object is gone, or another one has taken its name. */
export async function waitUntilGone(
  session: Session,
  info: Pick<Info, 'resource' | 'namespace' | 'name'>,
  uid: string | undefined,
  timeoutMs: number,
): Promise<void> {
  const gone: Predicate = (object) =>
    object === undefined || (uid !== undefined && object.metadata.uid !== uid)
  try {
    await waitUntil(session, info, gone, timeoutMs)
  } catch (error) {
    // Who may delete but not look has done what was asked.
    if (isReason(error, 'Forbidden') || isReason(error, 'MethodNotAllowed')) return
    throw error
  }
}

/** A timeout of 0 or less means: as long as it takes. */
export const WEEK_MS = 7 * 24 * 3_600_000
