import {
  type Event,
  type FieldError,
  FieldPath,
  invalid,
  invalidValue,
  isQualifiedName,
  type KubeObject,
  required,
} from '@miniplane/api'
import { eventTable } from '../columns/core.js'
import { defineStrategy, type Strategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'

const REASON_CHARACTERS_MAX = 128
const NOTE_CHARACTERS_MAX = 1024
const INSTANCE_CHARACTERS_MAX = 128

const selectableFields: NonNullable<Strategy<Event>['selectableFields']> = {
  'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
  'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
  'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
  'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
  'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
  'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
  'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
  reason: ({ reason }) => reason ?? '',
  reportingComponent: ({ reportingComponent, source }) =>
    reportingComponent || source?.component || '',
  source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
  type: ({ type }) => type ?? '',
}

export const events = defineStrategy<Event>({
  validate: validateLegacy,
  validateUpdate: validateLegacy,
  allowCreateOnUpdate: true,
  selectableFields,
  table: eventTable,
})

/** Events of either API may be written through the older one, so it asks for little. */
function validateLegacy({ metadata, involvedObject }: Event): FieldError[] {
  const errors: FieldError[] = []
  const where = involvedObject.namespace ?? ''
  const home = metadata.namespace ?? ''
  const isMisplaced = where === '' ? home !== 'default' : where !== home
  if (isMisplaced) {
    const path = FieldPath.of('involvedObject', 'namespace')
    errors.push(invalidValue(path, where, 'does not match event.namespace'))
  }
  return errors
}

/** The fields that the newer API gives new names, by the names the stored form has for them. */
type NewEvent = KubeObject & {
  eventTime?: string | null
  reportingController?: string
  reportingInstance?: string
  action?: string
  reason?: string
  type?: string
  note?: string
  regarding?: Event['involvedObject']
  related?: unknown
  series?: { count: number; lastObservedTime: string | null }
  deprecatedCount?: number
  deprecatedSource?: { component?: string; host?: string }
  deprecatedFirstTimestamp?: string | null
  deprecatedLastTimestamp?: string | null
}

/** Messages name the fields of the stored form, and show no values. */
const at = (field: string) => FieldPath.of(field)

export const newEvents = defineStrategy<NewEvent>({
  validate: (event) => refuseAsStored(event, validateNew(event)),
  validateUpdate(draft, stored) {
    const errors = draft.eventTime ? validateNew(draft) : []
    for (const [field, name] of FIXED) immutableField(draft[field], stored[field], at(name), errors)
    if (draft.series) {
      const { count, lastObservedTime } = draft.series
      if (count < 2) errors.push(invalidValue(at('series.count'), '', 'should be at least 2'))
      if (!lastObservedTime) errors.push(required(at('series.lastObservedTime'), ''))
    }
    return refuseAsStored(draft, errors)
  },
  allowCreateOnUpdate: true,
})

/** Both APIs speak of the stored kind, whose group is the core one. */
function refuseAsStored({ metadata }: KubeObject, errors: FieldError[]): FieldError[] {
  if (errors.length > 0) throw invalid({ group: '', kind: 'Event' }, metadata.name ?? '', errors)
  return errors
}

const FIXED = [
  ['regarding', 'involvedObject'],
  ['reason', 'reason'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
] as const

function validateNew(event: NewEvent): FieldError[] {
  const errors: FieldError[] = []
  const { reportingController = '', reportingInstance = '', action = '', reason = '' } = event
  if (!event.eventTime) errors.push(required(at('eventTime'), ''))
  if (reportingController === '') errors.push(required(at('reportingController'), ''))
  for (const fault of isQualifiedName(reportingController)) {
    errors.push(invalidValue(at('reportingController'), reportingController, fault))
  }
  lengthOf(reportingInstance, INSTANCE_CHARACTERS_MAX, at('reportingInstance'), errors)
  lengthOf(action, REASON_CHARACTERS_MAX, at('action'), errors)
  lengthOf(reason, REASON_CHARACTERS_MAX, at('reason'), errors)
  if ((event.note ?? '').length > NOTE_CHARACTERS_MAX) {
    errors.push(tooManyCharacters(NOTE_CHARACTERS_MAX, at('message')))
  }
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(invalidValue(at('type'), '', `has invalid value: ${event.type ?? ''}`))
  }
  unset(event.deprecatedFirstTimestamp, 'firstTimestamp', errors)
  unset(event.deprecatedLastTimestamp, 'lastTimestamp', errors)
  unset(event.deprecatedCount, 'count', errors)
  const source = event.deprecatedSource
  if (source?.component || source?.host) unset(source, 'source', errors)
  return errors
}

function lengthOf(value: string, max: number, path: FieldPath, errors: FieldError[]): void {
  if (value === '') errors.push(required(path, ''))
  else if (value.length > max) errors.push(tooManyCharacters(max, path))
}

const tooManyCharacters = (max: number, path: FieldPath) =>
  invalidValue(path, '', `can have at most ${max} characters`)

function unset(value: unknown, field: string, errors: FieldError[]): void {
  if (value) errors.push(invalidValue(at(field), '', 'needs to be unset'))
}
