import type { Event, KubeList, KubeObject } from '@miniplane/api'
import { ageOf } from '../printers/human-duration.js'
import { resourcePath } from '../resolve/paths.js'
import type { DescribeContext } from './context.js'

const EVENTS = { group: '', version: 'v1', resource: 'events', namespaced: true }

/** Writes the events about an object, the latest last, unless they are not wanted. */
export async function writeEvents(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer, showEvents, nowMs } = context
  if (!showEvents) return
  const events = await eventsAbout(object, context)
  if (events.length === 0) return writer.line(0, 'Events:\t<none>')
  writer.line(0, 'Events:')
  writer.line(1, 'Type\tReason\tAge\tFrom\tMessage')
  writer.line(1, '----\t------\t----\t----\t-------')
  for (const event of events) {
    const from = event.source?.component || event.reportingComponent || ''
    const message = (event.message ?? '').trim()
    writer.line(1, `${event.type}\t${event.reason}\t${eventAge(event, nowMs)}\t${from}\t${message}`)
  }
}

async function eventsAbout(object: KubeObject, context: DescribeContext): Promise<Event[]> {
  const { name = '', uid = '' } = object.metadata
  // Kubelets know their node by its name only, controllers by its uid.
  const uids = object.kind === 'Node' ? [uid, name] : [uid]
  const found: Event[] = []
  for (const one of uids) found.push(...(await eventsOf(object, one, context)))
  return found.sort((a, b) => compareTimes(a.lastTimestamp, b.lastTimestamp))
}

async function eventsOf(
  object: KubeObject,
  uid: string,
  context: DescribeContext,
): Promise<readonly Event[]> {
  const { name = '', namespace = '' } = object.metadata
  const { kind = '' } = object
  const about = { kind, name, namespace, uid }
  const fieldSelector = Object.entries(about)
    .filter(([, value]) => value !== '')
    .map(([field, value]) => `involvedObject.${field}=${value}`)
    .join(',')
  const list = (await context.session.rest.object({
    method: 'GET',
    path: resourcePath(EVENTS, namespace || undefined),
    query: { fieldSelector, limit: '500' },
  })) as unknown as KubeList
  return list.items as unknown as readonly Event[]
}

const compareTimes = (a: string | null | undefined, b: string | null | undefined): number =>
  Date.parse(a ?? '0001-01-01T00:00:00Z') - Date.parse(b ?? '0001-01-01T00:00:00Z')

/** `5m`, or `5m (x3 over 10m)` for what happened again. */
export function eventAge(event: Event, nowMs: number): string {
  const first = ageOf(event.eventTime ?? event.firstTimestamp, nowMs)
  if (event.series) {
    return `${ageOf(event.series.lastObservedTime, nowMs)} (x${event.series.count} over ${first})`
  }
  if ((event.count ?? 0) > 1) {
    return `${ageOf(event.lastTimestamp, nowMs)} (x${event.count} over ${first})`
  }
  return first
}
