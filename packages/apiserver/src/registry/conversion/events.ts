import type { KubeObject } from '@miniplane/api'
import type { Conversion } from '../resource.js'

/** `events.k8s.io/v1` name → core `v1` name, for the fields that differ. */
const CORE_NAMES: Readonly<Record<string, string>> = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
}
const EVENTS_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CORE_NAMES).map(([events, core]) => [core, events]),
)
/** What the core version writes even when empty. */
const CORE_ALWAYS: Readonly<Record<string, unknown>> = {
  involvedObject: {},
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: null,
  reportingComponent: '',
  reportingInstance: '',
}

/** The same events under two names: core ones are what is stored. */
export const eventsConversion: Conversion = {
  toStored(served) {
    return rename(served, 'v1', CORE_NAMES, CORE_ALWAYS)
  },
  toServed(stored) {
    const served = rename(stored, 'events.k8s.io/v1', EVENTS_NAMES, { eventTime: null })
    for (const name of ['reportingController', 'reportingInstance'])
      if (served[name] === '') delete served[name]
    return served
  },
}

function rename(
  object: KubeObject,
  apiVersion: string,
  names: Readonly<Record<string, string>>,
  always: Readonly<Record<string, unknown>>,
): KubeObject {
  const result: KubeObject = { kind: 'Event', apiVersion, metadata: object.metadata }
  for (const [name, value] of Object.entries(object)) {
    if (name !== 'kind' && name !== 'apiVersion') result[names[name] ?? name] = value
  }
  for (const [name, value] of Object.entries(always)) result[name] ??= value
  return result
}
