import {
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  type LimitRange,
  type LimitRangeItem,
  parseQuantity,
  required,
  uuid,
} from '@miniplane/api'
import { defineStrategy } from '../strategy.js'
import {
  isOvercommitAllowed,
  sortedNames,
  validateContainerResourceName,
  validateResourceName,
} from '../validation/resources.js'

const LIMITS = FieldPath.of('spec', 'limits')
const TYPES = new Set(['Container', 'Pod', 'PersistentVolumeClaim'])

export const limitRanges = defineStrategy<LimitRange>({
  setDefaults({ spec }) {
    for (const item of spec.limits ?? []) setItemDefaults(item)
  },
  prepareForCreate({ metadata }, { random }) {
    metadata.name ||= uuid(random)
  },
  validate: validateRange,
  validateUpdate: (draft) => validateRange(draft),
  allowCreateOnUpdate: true,
})

/** What is not said about the default is what is said about the bounds. */
function setItemDefaults(item: LimitRangeItem): void {
  if (item.type !== 'Container') return
  fill(item, 'default', item.max)
  fill(item, 'defaultRequest', item.default)
  fill(item, 'defaultRequest', item.min)
}

function fill(
  item: LimitRangeItem,
  field: 'default' | 'defaultRequest',
  from: Readonly<Record<string, string>> = {},
): void {
  for (const name in from) {
    const amounts = item[field] ?? {}
    amounts[name] ??= from[name] as string
    item[field] = amounts
  }
}

function validateRange({ spec }: LimitRange): FieldError[] {
  const errors: FieldError[] = []
  const types = new Set<string>()
  for (const [i, item] of (spec.limits ?? []).entries()) {
    const path = LIMITS.index(i)
    validateType(item.type, path.child('type'), errors)
    if (types.has(item.type)) errors.push(duplicate(path.child('type'), item.type))
    types.add(item.type)
    validateItem(item, path, errors)
  }
  return errors
}

function validateType(type: string, path: FieldPath, errors: FieldError[]): void {
  const faults = isQualifiedName(type)
  for (const fault of faults) errors.push(invalidValue(path, type, fault))
  if (faults.length > 0 || type.includes('/') || TYPES.has(type)) return
  errors.push(invalidValue(path, type, 'must be a standard limit type or fully qualified'))
}

const BOUNDS = ['max', 'min'] as const
const DEFAULTS = ['default', 'defaultRequest'] as const

function validateItem(item: LimitRangeItem, path: FieldPath, errors: FieldError[]): void {
  const names = new Set<string>()
  const isOfContainers = item.type === 'Pod' || item.type === 'Container'
  const validateName = isOfContainers ? validateContainerResourceName : validateResourceName
  const collect = (field: (typeof BOUNDS | typeof DEFAULTS)[number] | 'maxLimitRequestRatio') => {
    for (const name of sortedNames(item[field] ?? {})) {
      names.add(name)
      validateName(name, path.child(field).key(name), errors)
    }
  }
  BOUNDS.forEach(collect)
  if (item.type === 'Pod') {
    for (const field of DEFAULTS) {
      if (Object.keys(item[field] ?? {}).length === 0) continue
      errors.push(forbiddenField(path.child(field), "may not be specified when `type` is 'Pod'"))
    }
  } else DEFAULTS.forEach(collect)
  if (item.type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided'
    errors.push(required(path.child('limits'), detail))
  }
  collect('maxLimitRequestRatio')
  // Defaults that a Pod can't have are not compared.
  const { default: _limits, defaultRequest: _requests, ...bare } = item
  const compared = item.type === 'Pod' ? bare : item
  for (const name of [...names].sort()) {
    compareAmounts(compared, name, path, errors)
    compareFixed(compared, name, path, errors)
  }
}

/** What can't be shared is asked for and limited to the same amount. */
function compareFixed(
  { default: limits, defaultRequest: requests }: LimitRangeItem,
  name: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const [limit, asked] = [limits?.[name], requests?.[name]]
  if (isOvercommitAllowed(name) || limit === undefined || asked === undefined) return
  if (parseQuantity(limit).compare(parseQuantity(asked)) === 0) return
  const detail = `default value ${limit} must equal to defaultRequest value ${asked} in ${name}`
  errors.push(invalidValue(path.child('defaultRequest').key(name), asked, detail))
}

/** The amounts of one resource have to be in this order: min, default request, default, max. */
function compareAmounts(
  item: LimitRangeItem,
  name: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { min, max, default: limit, defaultRequest: request } = item
  const exceeds = (a: string | undefined, b: string | undefined) =>
    a !== undefined && b !== undefined && parseQuantity(a).compare(parseQuantity(b)) > 0
  const report = (field: string, shown: string | undefined, detail: string) =>
    errors.push(invalidValue(path.child(field).key(name), shown, detail))
  const [low, high, standard, asked] = [min, max, limit, request].map((amounts) =>
    amounts && Object.hasOwn(amounts, name) ? amounts[name] : undefined,
  )
  if (exceeds(low, high)) {
    report('min', low, `min value ${low} is greater than max value ${high}`)
  }
  if (exceeds(low, asked)) {
    report(
      'defaultRequest',
      asked,
      `min value ${low} is greater than default request value ${asked}`,
    )
  }
  if (exceeds(asked, high)) {
    report(
      'defaultRequest',
      asked,
      `default request value ${asked} is greater than max value ${high}`,
    )
  }
  if (exceeds(asked, standard)) {
    const detail = `default request value ${asked} is greater than default limit value ${standard}`
    report('defaultRequest', asked, detail)
  }
  // These two show the bound and not the value; so does the real server.
  if (exceeds(low, standard)) {
    report('default', low, `min value ${low} is greater than default value ${standard}`)
  }
  if (exceeds(standard, high)) {
    report('default', high, `default value ${standard} is greater than max value ${high}`)
  }
  compareRatio(item, name, path, errors)
}

function compareRatio(
  { maxLimitRequestRatio, min, max }: LimitRangeItem,
  name: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const ratio = maxLimitRequestRatio?.[name]
  if (ratio === undefined) return
  const at = path.child('maxLimitRequestRatio').key(name)
  if (parseQuantity(ratio).compare(parseQuantity('1')) < 0) {
    errors.push(invalidValue(at, ratio, `ratio ${ratio} is less than 1`))
  }
  const [low, high] = [min?.[name], max?.[name]]
  if (low === undefined || high === undefined) return
  const most = parseQuantity(high).toNumber() / parseQuantity(low).toNumber()
  if (parseQuantity(ratio).toNumber() > most) {
    const detail = `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`
    errors.push(invalidValue(at, ratio, detail))
  }
}
