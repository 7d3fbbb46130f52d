import { describe, expect, it, test } from 'vitest'
import { type ConditionLike, findCondition, isConditionTrue, setCondition } from './conditions.js'
import { canonicalDuration, parseDuration } from './duration.js'
import { FieldPath } from './field-error.js'
import * as field from './field-errors.js'
import { percentOf, scaledValueFromIntOrPercent } from './int-or-string.js'
import { controllerOf, isControlledBy, ownerReferenceFor } from './owners.js'
import * as status from './status.js'
import { formatMicroTime, formatTime, parseMicroTime, parseTime } from './time.js'

const deployments = { group: 'apps', resource: 'deployments' }
const configMaps = { group: '', resource: 'configmaps' }

describe('Status errors', () => {
  test.each<[status.StatusError, number, string, string]>([
    [status.notFound(configMaps, 'a'), 404, 'NotFound', 'configmaps "a" not found'],
    [
      status.alreadyExists(deployments, 'd'),
      409,
      'AlreadyExists',
      'deployments.apps "d" already exists',
    ],
    [
      status.conflict(configMaps, 'a', 'the object has been modified'),
      409,
      'Conflict',
      'Operation cannot be fulfilled on configmaps "a": the object has been modified',
    ],
    [status.forbidden(configMaps, '', 'no'), 403, 'Forbidden', 'configmaps is forbidden: no'],
    [status.forbidden(configMaps, 'a', 'no'), 403, 'Forbidden', 'configmaps "a" is forbidden: no'],
    [
      status.methodNotAllowed(configMaps, 'create'),
      405,
      'MethodNotAllowed',
      'create is not supported on resources of kind "configmaps"',
    ],
    [
      status.requestEntityTooLarge('limit is 3145728'),
      413,
      'RequestEntityTooLarge',
      'Request entity too large: limit is 3145728',
    ],
    [status.internalError(new Error('x')), 500, 'InternalError', 'Internal error occurred: x'],
    [
      status.tooLargeResourceVersion(9, 5, 1),
      504,
      'Timeout',
      'Timeout: Too large resource version: 9, current: 5',
    ],
    [
      status.genericServerResponse(404, 'GET', { group: '', resource: '' }, ''),
      404,
      'NotFound',
      'the server could not find the requested resource',
    ],
    [
      status.genericServerResponse(409, 'POST', deployments, 'd'),
      409,
      'AlreadyExists',
      'the server reported a conflict (post deployments.apps d)',
    ],
    [
      status.genericServerResponse(502, 'GET', configMaps, '', 'bad gateway'),
      502,
      'InternalError',
      'an error on the server ("bad gateway") has prevented the request from succeeding (get configmaps)',
    ],
  ])('%s', (error, code, reason, message) => {
    expect(error).toMatchObject({ code, reason, message })
    expect(error.status).toMatchObject({ kind: 'Status', status: 'Failure', code, metadata: {} })
  })

  it('details name the resource, without what is empty', () => {
    expect(status.notFound(configMaps, 'a').status.details).toEqual({
      name: 'a',
      kind: 'configmaps',
    })
    expect(status.badRequest('x').status).not.toHaveProperty('details')
    const generic = status.genericServerResponse(405, 'GET', { group: '', resource: '' }, '')
    expect(generic.status.details).toEqual({})
  })

  it('an invalid object lists each distinct error once in the message, all as causes', () => {
    const errors = [
      field.required('spec.a'),
      field.required('spec.a'),
      field.invalidValue(FieldPath.of('spec').child('b').index(0), 'x', 'is bad'),
    ]
    const error = status.invalid({ group: 'apps', kind: 'Deployment' }, 'd', errors)
    expect(error.message).toBe(
      'Deployment.apps "d" is invalid: [spec.a: Required value, spec.b[0]: Invalid value: "x": is bad]',
    )
    expect(error.status.details?.causes).toHaveLength(3)
    expect(error.status.details?.causes?.[2]).toEqual({
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "x": is bad',
      field: 'spec.b[0]',
    })
  })

  it('tells its kind', () => {
    expect(status.isStatusError(status.notFound(configMaps, 'a'), 'NotFound')).toBe(true)
    expect(status.isStatusError(new Error('x'))).toBe(false)
  })
})

describe('field errors', () => {
  test.each([
    [field.required('a', 'why'), 'Required value: why'],
    [field.invalidValue('a', null, 'x'), 'Invalid value: null: x'],
    [field.invalidValue('a', 5, 'x'), 'Invalid value: 5: x'],
    [field.invalidValue('a', { b: '<' }, 'x'), 'Invalid value: {"b":"\\u003c"}: x'],
    [field.invalidValue('a', field.OMIT_VALUE, 'x'), 'Invalid value: x'],
    [field.duplicate('a', 'x'), 'Duplicate value: "x"'],
    [
      field.notSupported('a', 'X', ['SCTP', 'TCP']),
      'Unsupported value: "X": supported values: "SCTP", "TCP"',
    ],
    [field.forbiddenField('a', 'no'), 'Forbidden: no'],
    [field.tooLong('a', 'xx', 1), 'Too long: may not be more than 1 byte'],
    [field.tooMany('a', 4, 3), 'Too many: 4: must have at most 3 items'],
    [field.notFoundValue('a', 'x'), 'Not found: "x"'],
    [field.internalFieldError('a', new Error('x')), 'Internal error: x'],
  ])('%j', (error, message) => {
    expect(error.message).toBe(message)
  })
})

describe('times', () => {
  test.each([
    ['2024-02-29T12:30:45Z', '2024-02-29T12:30:45Z'],
    ['2024-02-29T12:30:45.987Z', '2024-02-29T12:30:45Z'],
    ['2024-02-29T12:30:45+02:00', '2024-02-29T10:30:45Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('%s is written as %s', (text, written) => {
    expect(formatTime(parseTime(text))).toBe(written)
  })

  test.each([
    [
      'yesterday',
      'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ],
    [
      '2024-01-01',
      'parsing time "2024-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
    ],
    [
      '2024-01-01T00:00:00',
      'parsing time "2024-01-01T00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
    ],
    [
      'ü\n"',
      'parsing time "\\xc3\\xbc\\x0a\\"" as "2006-01-02T15:04:05Z07:00": cannot parse "\\xc3\\xbc\\x0a\\"" as "2006"',
    ],
    ['2024-13-01T00:00:00Z', 'parsing time "2024-13-01T00:00:00Z": month out of range'],
    ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ['2024-01-01T00:00:00Zx', 'parsing time "2024-01-01T00:00:00Zx": extra text: "x"'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseTime(text)).toThrow(message)
  })

  it('micro times keep six decimals and demand them', () => {
    expect(formatMicroTime(parseMicroTime('2024-01-01T00:00:00.123456Z'))).toBe(
      '2024-01-01T00:00:00.123456Z',
    )
    expect(formatMicroTime(0.0014)).toBe('1970-01-01T00:00:00.000001Z')
    expect(() => parseMicroTime('2024-01-01T00:00:00Z')).toThrow(
      'parsing time "2024-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    )
    expect(() => parseMicroTime('2024-01-01T00:00:00.123456789Z')).toThrow(
      'cannot parse "789Z" as "Z07:00"',
    )
  })

  test.each([
    ['90s', '1m30s'],
    ['1h', '1h0m0s'],
    ['1.5s', '1.5s'],
    ['1500us', '1.5ms'],
    ['0', '0s'],
    ['-2m', '-2m0s'],
  ])('the duration %s is %s', (text, canonical) => {
    expect(canonicalDuration(text)).toBe(canonical)
  })

  it('durations need a unit that Go knows', () => {
    expect(() => parseDuration('5')).toThrow('time: missing unit in duration "5"')
    expect(() => parseDuration('5d')).toThrow('time: unknown unit "d" in duration "5d"')
    expect(() => parseDuration('')).toThrow('time: invalid duration ""')
  })
})

describe('counts and percentages', () => {
  it('scales percentages and keeps counts', () => {
    expect(scaledValueFromIntOrPercent('25%', 3, true)).toBe(1)
    expect(scaledValueFromIntOrPercent('25%', 3, false)).toBe(0)
    expect(scaledValueFromIntOrPercent(2, 100, true)).toBe(2)
    expect(() => scaledValueFromIntOrPercent('x', 3, true)).toThrow(
      'invalid value for IntOrString: invalid type: string is not a percentage',
    )
    expect(percentOf('93%')).toBe(93)
    expect(percentOf('x')).toBeUndefined()
  })
})

describe('owners', () => {
  const owner = { metadata: { name: 'web', uid: 'u1' } }
  const reference = ownerReferenceFor(owner, { group: 'apps', version: 'v1', kind: 'Deployment' })

  it('a reference makes its object a controller', () => {
    const owned = { metadata: { ownerReferences: [reference] } }
    expect(reference).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment', controller: true })
    expect(controllerOf(owned)).toBe(reference)
    expect(isControlledBy(owned, owner)).toBe(true)
    expect(isControlledBy(owned, { metadata: { name: 'web', uid: 'u2' } })).toBe(false)
  })
})

describe('conditions', () => {
  const ready: ConditionLike = {
    type: 'Ready',
    status: 'True',
    lastTransitionTime: '2024-01-01T00:00:00Z',
  }

  it('keep their time as long as the status is the same', () => {
    const same = setCondition([ready], { type: 'Ready', status: 'True', reason: 'Still' }, 9e12)
    expect(same).toEqual([{ ...ready, reason: 'Still' }])
    const changed = setCondition([ready], { type: 'Ready', status: 'False' }, 0)
    expect(findCondition(changed, 'Ready')?.lastTransitionTime).toBe('1970-01-01T00:00:00Z')
    expect(isConditionTrue(changed, 'Ready')).toBe(false)
    expect(setCondition(null, ready, 0)).toHaveLength(1)
  })
})
