import type { KubeObject } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { finalizersFor } from '../generic/garbage-collection.js'
import type { Strategy } from '../strategy.js'
import { contextWith, faultsOf } from '../strategy.suite.js'
import { events, newEvents } from './events.js'

const TIME = '2020-01-01T00:00:00.000000Z'
const about = { kind: 'Pod', name: 'p', namespace: 'default' }
const event = (fields: object) => ({
  metadata: { name: 'e', namespace: 'default' },
  involvedObject: about,
  ...fields,
})
const newEvent = (fields: object) => ({
  ...{ metadata: { name: 'e', namespace: 'default' }, regarding: about, eventTime: TIME },
  ...{ type: 'Normal', action: 'A', reason: 'R' },
  ...{ reportingController: 'example.com/c', reportingInstance: 'i' },
  ...fields,
})

/** What the newer API refuses it refuses in the name of the core kind, with an error of its own. */
function newFaultsOf(fields: object, stored?: object): string {
  const strategy = newEvents as unknown as Strategy
  const [draft, before] = [newEvent(fields), newEvent(stored ?? {})] as unknown as KubeObject[]
  if (!draft || !before) return ''
  try {
    if (stored) strategy.validateUpdate?.(draft, before, contextWith())
    else strategy.validate?.(draft, contextWith())
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('a core Event', () => {
  it('without a time may say anything of its own namespace', () => {
    expect(faultsOf(events, event({ type: 'X' }))).toEqual([])
    expect(faultsOf(events, event({ involvedObject: { ...about, namespace: 'n' } }))).toEqual([
      'involvedObject.namespace: Invalid value: "n": does not match event.namespace',
    ])
  })

  it('with a time says who reports it, and what', () => {
    const told = { reportingComponent: 'c', reportingInstance: 'i'.repeat(129), action: 'A' }
    expect(faultsOf(events, event({ eventTime: TIME, ...told }))).toEqual([
      'reportingInstance: Invalid value: "": can have at most 128 characters',
      'reason: Required value',
    ])
    const [fault] = faultsOf(events, event({ eventTime: TIME }))
    expect(fault).toBe('reportingComponent: Required value')
  })
})

describe('an Event of the newer API', () => {
  it.each<[string, object, string]>([
    ['one that is well', {}, ''],
    ['no time', { eventTime: null, reason: '' }, 'Event "e" is invalid: eventTime: Required value'],
    [
      'a series of one',
      { series: { count: 1, lastObservedTime: null } },
      'Event "e" is invalid: [series.count: Invalid value: "": should be at least 2, series.lastObservedTime: Required value]',
    ],
    [
      'a note of too many bytes',
      { note: 'ü'.repeat(513) },
      'Event "e" is invalid: message: Invalid value: "": can have at most 1024 characters',
    ],
    [
      'fields of the older API',
      { deprecatedCount: 1, deprecatedSource: { host: 'h' } },
      'Event "e" is invalid: [count: Invalid value: "": needs to be unset, source: Invalid value: "": needs to be unset]',
    ],
  ])('%s', (_what, fields, message) => {
    expect(newFaultsOf(fields)).toBe(message)
  })

  it('stays what it is, but for its series', () => {
    expect(newFaultsOf({ series: { count: 2, lastObservedTime: TIME } }, {})).toBe('')
    const counted = { eventTime: null, deprecatedCount: 2 }
    expect(newFaultsOf({ eventTime: null }, counted)).toContain(
      'count: Invalid value: 0: field is immutable',
    )
    expect(newFaultsOf({ regarding: { ...about, name: 'q' } }, {})).toBe(
      'Event "e" is invalid: involvedObject: Invalid value: {"Kind":"Pod","Namespace":"default","Name":"q","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable',
    )
  })

  it('is found and shown by its own names', () => {
    const { selectableFields, table } = newEvents as unknown as Strategy
    const served = newEvent({ note: 'hi' }) as unknown as KubeObject
    expect(selectableFields?.['regarding.name']?.(served)).toBe('p')
    expect(selectableFields?.reportingController?.(served)).toBe('example.com/c')
    expect(table?.cells(served, 0)).toContain('hi')
  })
})

it('nobody is thought to depend on an Event, whatever the client says', () => {
  for (const strategy of [events, newEvents] as readonly unknown[])
    expect(
      finalizersFor(
        strategy as Strategy,
        { finalizers: ['a/b', 'orphan'] },
        {
          propagationPolicy: 'Foreground',
        },
      ),
    ).toEqual(['a/b'])
})
