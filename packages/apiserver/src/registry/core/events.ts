import {
  type Event,
  type FieldError,
  FieldPath,
  invalid,
  invalidValue,
  isQualifiedName,
  type KubeObject,
  required,
  semanticEqual,
} from '@miniplane/api'
import { eventTable } from '../columns/core.js'
import { eventsConversion } from '../conversion/events.js'
import { defineStrategy, type Strategy } from '../strategy.js'
import { type GoStruct, goForm } from '../validation/go-struct.js'
import { pathSegmentName } from '../validation/names.js'

/** Of these, messages speak as characters. */
const TEXT_BYTES_MAX = 128
const NOTE_BYTES_MAX = 1024
/** What is about no namespace is also told here. */
const SYSTEM = 'kube-system'

const selectableFields: NonNullable<Strategy<Event>['selectableFields']> = {
  'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
  'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
  'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
  'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
  'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
  'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
  'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
  reason: ({ reason }) => reason ?? '',
  reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
  source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
  type: ({ type }) => type ?? '',
}

export const events = defineStrategy<Event>({
  // Whatever was let in before there were rules still is.
  validateName: pathSegmentName,
  validate: (event) => validateStored(event, 'reportingComponent'),
  validateUpdate: (draft) => validateStored(draft, 'reportingComponent'),
  allowCreateOnUpdate: true,
  defaultPropagation: 'Unsupported',
  selectableFields,
  table: eventTable,
})

/** The fields that the newer API gives new names are read from the stored form. */
type NewEvent = KubeObject

const stored = (served: NewEvent) => eventsConversion.toStored(served) as Event

export const newEvents = defineStrategy<NewEvent>({
  validate(served) {
    const event = stored(served)
    return refuseAsStored(event, [...validateStored(event), ...validateNew(event)])
  },
  validateUpdate(draft, before) {
    const [event, old] = [stored(draft), stored(before)]
    const errors = validateStored(event)
    if (!semanticEqual(event.series, old.series)) errors.push(...validateSeries(event))
    for (const [field, struct, name] of FIXED) {
      const form = struct && event[field] ? goForm(event[field] as object, struct) : event[field]
      if (semanticEqual(event[field], old[field])) continue
      const shown = form ?? NONE[field] ?? null
      errors.push(invalidValue(FieldPath.of(name ?? field), shown, 'field is immutable'))
    }
    return refuseAsStored(event, errors)
  },
  allowCreateOnUpdate: true,
  defaultPropagation: 'Unsupported',
  selectableFields: Object.fromEntries(
    Object.entries(selectableFields)
      .filter(([field]) => field !== 'source')
      .map(([field, read]) => [newName(field), (served: NewEvent) => read(stored(served))]),
  ),
  table: {
    columns: eventTable.columns,
    cells: (served, nowMs) => eventTable.cells(stored(served), nowMs),
  },
})

function newName(field: string): string {
  if (field === 'reportingComponent') return 'reportingController'
  return field.replace('involvedObject.', 'regarding.')
}

/** Both APIs speak of the stored kind, whose group is the core one. */
function refuseAsStored({ metadata }: KubeObject, errors: FieldError[]): FieldError[] {
  if (errors.length > 0) throw invalid({ group: '', kind: 'Event' }, metadata.name ?? '', errors)
  return errors
}

const reference = {
  Kind: '',
  Namespace: '',
  Name: '',
  UID: '',
  APIVersion: '',
  ResourceVersion: '',
  FieldPath: '',
} as const

/** How fields that are not there are shown, where that is not null. */
const NONE: Readonly<Record<string, unknown>> = {
  reason: '',
  message: '',
  count: 0,
  type: '',
  action: '',
  reportingComponent: '',
  reportingInstance: '',
}

/** The real server compares the reason twice. */
const FIXED: readonly (readonly [keyof Event, (GoStruct | undefined)?, string?])[] = [
  ['involvedObject', reference],
  ['reason'],
  ['message'],
  ['source', { Component: '', Host: '' }],
  ['firstTimestamp'],
  ['lastTimestamp'],
  ['count'],
  ['reason'],
  ['type'],
  ['eventTime'],
  ['action'],
  ['related', reference],
  ['reportingComponent', undefined, 'reportingController'],
  ['reportingInstance'],
]

/** What either API asks for: of an event with a time, as newer clients write it, rather more. */
function validateStored(event: Event, controllerName = 'reportingController'): FieldError[] {
  const errors: FieldError[] = []
  const where = event.involvedObject.namespace ?? ''
  const home = event.metadata.namespace ?? ''
  const isOfNone = where === '' && (home === 'default' || (event.eventTime && home === SYSTEM))
  if (event.eventTime ? where === '' && !isOfNone : where !== home && !isOfNone) {
    const path = FieldPath.of('involvedObject', 'namespace')
    errors.push(invalidValue(path, where, 'does not match event.namespace'))
  }
  if (!event.eventTime) return errors
  const { reportingComponent: controller = '', reportingInstance, action, reason, message } = event
  const at = FieldPath.of(controllerName)
  if (controller === '') errors.push(required(at, ''))
  for (const fault of isQualifiedName(controller)) errors.push(invalidValue(at, controller, fault))
  for (const [field, value = ''] of Object.entries({ reportingInstance, action, reason })) {
    const path = FieldPath.of(field)
    if (value === '') errors.push(required(path, ''))
    else if (Buffer.byteLength(value) > TEXT_BYTES_MAX)
      errors.push(tooManyCharacters(TEXT_BYTES_MAX, path))
  }
  if (Buffer.byteLength(message ?? '') > NOTE_BYTES_MAX) {
    errors.push(tooManyCharacters(NOTE_BYTES_MAX, FieldPath.of('message')))
  }
  return errors
}

/** Messages show no values. */
const tooManyCharacters = (max: number, path: FieldPath) =>
  invalidValue(path, '', `can have at most ${max} characters`)

function validateNew(event: Event): FieldError[] {
  const errors = validateSeries(event)
  const { type = '', firstTimestamp, lastTimestamp, count, source } = event
  if (!event.eventTime) errors.push(required(FieldPath.of('eventTime'), ''))
  if (type !== 'Normal' && type !== 'Warning') {
    errors.push(invalidValue(FieldPath.of('type'), '', `has invalid value: ${type}`))
  }
  const old = { firstTimestamp, lastTimestamp, count, source: source?.component || source?.host }
  for (const [field, value] of Object.entries(old)) {
    if (value) errors.push(invalidValue(FieldPath.of(field), '', 'needs to be unset'))
  }
  return errors
}

function validateSeries({ series }: Event): FieldError[] {
  const errors: FieldError[] = []
  if (!series) return errors
  if ((series.count ?? 0) < 2) {
    errors.push(invalidValue(FieldPath.of('series.count'), '', 'should be at least 2'))
  }
  if (!series.lastObservedTime) errors.push(required(FieldPath.of('series.lastObservedTime'), ''))
  return errors
}
