import { encodeJsonText } from '../json/encode.js'
import { deepCopy, setOwn } from '../json/equality.js'
import { isInt64, wholeNumber } from '../json/integer.js'
import { canonicalDuration, DurationError } from '../machinery/duration.js'
import {
  formatMicroTime,
  formatTime,
  parseMicroTime,
  parseTime,
  TimeError,
} from '../machinery/time.js'
import { QuantityError } from '../quantity/parse.js'
import { canonicalQuantity, parseQuantity } from '../quantity/quantity.js'
import { Base64Error, canonicalBase64 } from './base64.js'
import {
  type FieldPlan,
  isTypeMeta,
  type StructPlan,
  structPlan,
  type ValuePlan,
} from './decode-plan.js'
import { goPlace } from './go-names.js'
import type { StructSchema } from './schema.js'

/** JSON of the wrong type or form; the message is the one of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** One that Go's decoder keeps in mind while it reads on: what it can't read at all goes before. */
class Mismatch extends DecodeError {}

export interface DecodeOptions {
  /** Look for fields that the schema does not have. */
  readonly strict?: boolean
  /** The value was read already, so a wrong type is told in the words of Go's type converter. */
  readonly isConversion?: boolean
  /** By path, the numbers that were written so that their value doesn't show it: `1.0`. */
  readonly literals?: ReadonlyMap<string, string>
}

export interface Decoded {
  readonly object: Record<string, unknown>
  /** Paths of the fields that the schema does not have, such as `spec.containers[0].imagee`. */
  readonly unknown: readonly string[]
  /** The same in the words of the real server: `unknown field "spec.foo"`. */
  readonly strictErrors: readonly string[]
}

/**
 * What the real server would write after reading `value`: a new object of the schema's fields in
 * their order, where empty values are dropped or written as each field demands, times, quantities
 * and base64 are in canonical form, and what the schema does not know is gone.
 *
 * Ownership: the result shares nothing with `value`.
 * Errors: `DecodeError` for the first value of a wrong form or (if there is none) type.
 * Source: encoding/json of Go, with the (un)marshalers of the API's own types.
 */
export function decodeObject(
  value: unknown,
  schema: StructSchema,
  options: DecodeOptions = {},
): Decoded {
  const decoder = new Decoder(options)
  const plan = structPlan(schema)
  let object: JsonObject
  try {
    object = decoder.root(value, plan, schema)
  } catch (error) {
    if (error instanceof DecodeError && !options.isConversion)
      throw new Decoder(options, true).firstFault(value, plan, schema) ?? error
    throw error
  }
  const { unknown } = decoder
  return { object, unknown, strictErrors: unknown.map((path) => `unknown field "${path}"`) }
}

type JsonObject = Record<string, unknown>

const INT32_MAX = 2147483647
const TWO_POW_64 = 2 ** 64

class Decoder {
  readonly unknown: string[] = []
  readonly #strict: boolean
  readonly #isConversion: boolean
  readonly #literals: ReadonlyMap<string, string> | undefined
  /** The way down to the value at hand; numbers are list positions, strings fields or map keys. */
  readonly #path: (string | number)[] = []
  /** Where that way begins, for messages. */
  #root: StructSchema | undefined
  /** The struct whose field is at hand, for messages. */
  #structName = ''

  /** In the order of the text, and past values of a wrong type: to find what there is to tell. */
  readonly #looksForFaults: boolean
  #mismatchFound: Mismatch | undefined

  constructor(
    { strict = false, isConversion = false, literals }: DecodeOptions,
    looksForFaults = false,
  ) {
    this.#looksForFaults = looksForFaults
    this.#literals = literals
    this.#strict = strict
    this.#isConversion = isConversion
  }

  /** What Go would say of a value that can't be decoded. */
  firstFault(value: unknown, plan: StructPlan, schema: StructSchema): DecodeError | undefined {
    try {
      this.root(value, plan, schema)
      return this.#mismatchFound
    } catch (error) {
      if (error instanceof DecodeError) return error
      throw error
    }
  }

  root(value: unknown, plan: StructPlan, schema: StructSchema): JsonObject {
    if (value === null || value === undefined) return zeroStruct(plan)
    if (typeof value !== 'object' || Array.isArray(value)) {
      const goType = schema.name.split('.').slice(-2).join('.')
      throw new DecodeError(
        `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`,
      )
    }
    this.#root = schema
    return this.#struct(value as JsonObject, plan)
  }

  #struct(source: JsonObject, plan: StructPlan): JsonObject {
    const outer = this.#structName
    this.#structName = plan.name
    const target: JsonObject = {}
    if (plan.typeMeta) this.#typeMeta(source, target)
    const ranks: number[] = []
    let unknown: string[] | undefined
    for (const name in source) {
      const value = source[name]
      const rank = plan.ranks.get(name)
      if (rank === undefined) {
        if (!this.#strict || value === undefined) continue
        if (!plan.typeMeta || !isTypeMeta(name)) unknown = [...(unknown ?? []), name]
      } else if (value === undefined || value === null) continue
      else if (this.#looksForFaults) ranks.push(rank)
      else insert(ranks, rank)
    }
    if (!this.#looksForFaults) for (const rank of plan.always) insert(ranks, rank)
    for (const rank of ranks) this.#field(source, target, plan.fields[rank] as FieldPlan)
    for (const name of unknown ?? []) this.unknown.push(pathText([...this.#path, name]))
    this.#structName = outer
    return target
  }

  #field(source: JsonObject, target: JsonObject, field: FieldPlan): void {
    const { name, value: plan, isNullable, dropsZero } = field
    const value = source[name]
    if (value === undefined || value === null) {
      target[name] = isNullable ? null : zeroOf(plan)
      return
    }
    this.#path.push(name)
    const decoded = this.#value(value, plan)
    this.#path.pop()
    if (!dropsZero || !isZero(decoded)) target[name] = decoded
  }

  #typeMeta(source: JsonObject, target: JsonObject): void {
    for (const name of TYPE_META) {
      const value = source[name]
      if (value === undefined || value === null || value === '') continue
      this.#path.push(name)
      if (typeof value !== 'string') this.#mismatch(value, STRING)
      this.#path.pop()
      target[name] = value
    }
  }

  #value(value: unknown, plan: ValuePlan): unknown {
    if (!this.#looksForFaults) return this.#decoded(value, plan)
    const [depth, struct] = [this.#path.length, this.#structName]
    try {
      return this.#decoded(value, plan)
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error
      this.#mismatchFound ??= error
      this.#path.length = depth
      this.#structName = struct
      return undefined
    }
  }

  #decoded(value: unknown, plan: ValuePlan): unknown {
    switch (plan.kind) {
      case 'string':
        if (typeof value !== 'string') this.#mismatch(value, plan)
        return value
      case 'struct':
        if (typeof value !== 'object' || Array.isArray(value)) this.#mismatch(value, plan)
        return this.#struct(value as JsonObject, plan.struct as StructPlan)
      case 'list':
        if (!Array.isArray(value)) this.#mismatch(value, plan)
        return this.#list(value, plan.of as ValuePlan)
      case 'map':
        if (typeof value !== 'object' || Array.isArray(value)) this.#mismatch(value, plan)
        return this.#map(value as JsonObject, plan.of as ValuePlan)
      case 'bool':
        if (typeof value !== 'boolean') this.#mismatch(value, plan)
        return value
      case 'int32':
      case 'int64':
        return this.#integer(value, plan)
      case 'double':
        if (!isNumber(value)) this.#mismatch(value, plan)
        return Number(value)
      case 'json':
        return this.#json(value, plan)
      case 'bytes':
        if (typeof value !== 'string') this.#mismatch(value, plan)
        return selfDecoding(value, plan.kind)
      case 'time':
      case 'microTime':
      case 'duration':
        if (typeof value !== 'string' && !this.#isConversion) this.#unreadable(value, STRING)
        return selfDecoding(value, plan.kind)
      case 'intOrString':
        if (isNumber(value) && this.#literals) this.#integer(value, INT32)
        if (!isInt32OrText(value) && !this.#isConversion)
          this.#unreadable(value, INT32, isNumber(value) ? `number ${value}` : undefined)
        return selfDecoding(value, plan.kind)
      default:
        return selfDecoding((this.#literals && this.#oddLiteral()) ?? value, plan.kind)
    }
  }

  #list(source: readonly unknown[], of: ValuePlan): unknown[] {
    const target: unknown[] = []
    for (let i = 0; i < source.length; i++) {
      const item = source[i]
      this.#path.push(i)
      target.push(item === null || item === undefined ? zeroItem(of) : this.#value(item, of))
      this.#path.pop()
    }
    return target
  }

  #map(source: JsonObject, of: ValuePlan): JsonObject {
    const target: JsonObject = {}
    for (const key of this.#looksForFaults ? Object.keys(source) : sortedKeys(source)) {
      const value = source[key]
      if (value === undefined) continue
      this.#path.push(key)
      let decoded = value === null ? zeroItem(of) : this.#value(value, of)
      // Lists of resources hold nothing finer than a thousandth.
      if (of.kind === 'quantity') decoded = wholeMillis(decoded as string)
      setOwn(target, key, decoded)
      this.#path.pop()
    }
    return target
  }

  /** How the number at hand was written, if that is not how a whole number is. */
  #oddLiteral(): string | undefined {
    return this.#literals?.get(pathText(this.#path))
  }

  #integer(value: unknown, plan: Mismatched): number | bigint {
    if (!isNumber(value)) this.#mismatch(value, plan)
    const literal = this.#literals && this.#oddLiteral()
    if (literal !== undefined && !isWhole(literal)) this.#mismatch(value, plan, `number ${literal}`)
    if (typeof value === 'bigint' || Number.isInteger(value)) {
      if (value >= -INT32_MAX - 1 && value <= INT32_MAX) return value
      if (plan.kind === 'int64' && Number.isSafeInteger(value)) return value
      // A double, which YAML may have, is read again as it is printed.
      const exact = value >= -TWO_POW_64 && value <= TWO_POW_64 ? BigInt(String(value)) : undefined
      if (exact !== undefined && isInt64(exact)) {
        if (plan.kind === 'int64') return wholeNumber(exact)
        // Go's conversion between sizes takes the low bits.
        if (this.#isConversion) return Number(BigInt.asIntN(32, exact))
      }
    }
    this.#mismatch(value, plan, `number ${literal ?? value}`)
  }

  /** Free-form, but for the parts that the plan knows. */
  #json(value: unknown, plan: ValuePlan): unknown {
    if (Array.isArray(value) && plan.of) return this.#list(value, plan.of)
    if (typeof value === 'object' && !Array.isArray(value) && plan.struct)
      return this.#struct(value as JsonObject, plan.struct)
    return deepCopy(value)
  }

  #mismatch(value: unknown, plan: Mismatched, kind = jsonKind(value)): never {
    if (this.#isConversion) throw new DecodeError(conversionProblem(value, plan.kind))
    throw new Mismatch(this.#mismatchText(plan, kind))
  }

  /** A type whose Go code reads its JSON itself has been given something else. */
  #unreadable(value: unknown, plan: Mismatched, kind = jsonKind(value)): never {
    throw new DecodeError(this.#mismatchText(plan, kind))
  }

  #mismatchText({ goType }: Mismatched, kind: string): string {
    const { path, type = goType } = goPlace(this.#root as StructSchema, this.#path)
    return `json: cannot unmarshal ${kind} into Go struct field ${this.#structName}.${path} of type ${type}`
  }
}

type Mismatched = Pick<ValuePlan, 'kind' | 'goType'>

const STRING: Mismatched = { kind: 'string', goType: 'string' }
const INT32: Mismatched = { kind: 'int32', goType: 'int32' }

const TYPE_META = ['kind', 'apiVersion'] as const

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

/** Not what JSON calls a number, but what Go's parser of int64 takes. */
const isWhole = (literal: string) => /^-?\d+$/.test(literal) && isInt64(BigInt(literal))

/** Puts a rank in its place, once; fields come nearly in order. */
function insert(ranks: number[], rank: number): void {
  let at = ranks.length
  while (at > 0 && (ranks[at - 1] as number) > rank) at--
  if (at > 0 && ranks[at - 1] === rank) return
  if (at === ranks.length) ranks.push(rank)
  else ranks.splice(at, 0, rank)
}

function pathText(path: readonly (string | number)[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return isNumber(value) ? 'number' : typeof value
}

/** What Go's converter of unstructured values says of a value that doesn't fit. */
function conversionProblem(value: unknown, wanted: ValuePlan['kind']): string {
  const kind = unstructuredKind(value)
  switch (wanted) {
    case 'struct':
      return `cannot restore struct from: ${kind}`
    case 'map':
      return `cannot restore map from ${kind}`
    case 'list':
    case 'bytes':
      return `cannot restore slice from ${kind}`
    default: {
      const goKind = wanted === 'double' ? 'float64' : wanted
      // Go can make a string of a whole number (its character), and a whole number of any other.
      const isConvertible = wanted === 'string' ? kind === 'int64' : isNumber(value)
      return isConvertible && wanted !== 'bool'
        ? `cannot convert ${kind} to ${goKind}`
        : `unrecognized type: ${goKind}`
    }
  }
}

function unstructuredKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'object' ? 'map' : typeof value
}

/** Types whose Go code reads its JSON itself; what it finds wrong with a text names no field. */
function selfDecoding(value: unknown, kind: ValuePlan['kind']): unknown {
  try {
    switch (kind) {
      case 'quantity':
        return canonicalQuantity(typeof value === 'string' ? value : encodeJsonText(value))
      case 'time':
        return formatTime(parseTime(text(value)))
      case 'microTime':
        return formatMicroTime(parseMicroTime(text(value)))
      case 'duration':
        return canonicalDuration(text(value))
      case 'intOrString':
        return typeof value === 'string' ? value : plainInt32(value)
      case 'bytes':
        return canonicalBase64(value as string)
      default:
        return deepCopy(value)
    }
  } catch (error) {
    if (error instanceof Base64Error) throw new Mismatch(error.message, { cause: error })
    if (
      error instanceof QuantityError ||
      error instanceof TimeError ||
      error instanceof DurationError
    )
      throw new DecodeError(error.message, { cause: error })
    throw error
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`)
}

const isInt32OrText = (value: unknown): boolean =>
  typeof value === 'string' ||
  (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT32_MAX)

function plainInt32(value: unknown): number {
  if (typeof value === 'number' && isInt32OrText(value)) return value
  const kind = isNumber(value) ? `number ${value}` : jsonKind(value)
  throw new DecodeError(`json: cannot unmarshal ${kind} into Go value of type int32`)
}

/** What is finer than a thousandth ends in n or u, or was kept as a fraction or with an exponent. */
const MAY_BE_FINER = /[nu.-]/

function wholeMillis(amount: string): string {
  if (!MAY_BE_FINER.test(amount)) return amount
  const quantity = parseQuantity(amount)
  return quantity.exponent >= -3 ? amount : quantity.roundUp(-3).toString()
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

/** As Go orders a map's keys when it writes them. */
function sortedKeys(source: JsonObject): string[] {
  const keys = Object.keys(source)
  for (let i = 1; i < keys.length; i++)
    if ((keys[i] as string) < (keys[i - 1] as string)) return keys.sort()
  return keys
}

/** What Go has where JSON has null among items: nil where that exists. */
function zeroItem(plan: ValuePlan): unknown {
  switch (plan.kind) {
    case 'list':
    case 'map':
    case 'bytes':
    case 'time':
    case 'microTime':
    case 'raw':
    case 'json':
    case 'fieldsV1':
      return null
    default:
      return zeroOf(plan)
  }
}

function zeroOf(plan: ValuePlan): unknown {
  switch (plan.kind) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'duration':
      return '0s'
    case 'struct':
      return zeroStruct(plan.struct as StructPlan)
    default:
      return null
  }
}

/** A struct that nobody set anything in, as it is written. */
function zeroStruct(plan: StructPlan): JsonObject {
  const target: JsonObject = {}
  for (const { name, value, always, isNullable } of plan.fields)
    if (always) target[name] = isNullable ? null : zeroOf(value)
  return target
}
