import { type Program, ProgramError, print } from '../process.js'

/** `expr EXPRESSION`: whole numbers and texts; fails with 1 when the result is 0 or empty. Source: POSIX. */
export const expr: Program = async ({ args, stdout }) => {
  const words = args.slice(1)
  if (words.length === 0) throw new ProgramError('too few arguments', 2)
  const reader = new Reader(words)
  const result = String(reader.level(0))
  if (!reader.isAtEnd) throw new ProgramError('syntax error', 2)
  await print(stdout, `${result}\n`)
  return isNothing(result) ? 1 : 0
}

type Operation = (left: string, right: string) => string

const isNothing = (value: string): boolean => value === '' || /^-?0+$/.test(value)

const isNumber = (value: string): boolean => /^-?\d+$/.test(value)

function number(value: string): bigint {
  if (!isNumber(value)) throw new ProgramError('non-numeric argument', 2)
  return BigInt(value)
}

const calculated =
  (calculate: (left: bigint, right: bigint) => bigint): Operation =>
  (left, right) =>
    String(BigInt.asIntN(64, calculate(number(left), number(right))))

/** As numbers when both are, else as texts. */
const compared =
  (holds: (order: number) => boolean): Operation =>
  (left, right) => {
    const [a, b] = isNumber(left) && isNumber(right) ? [BigInt(left), BigInt(right)] : [left, right]
    return holds(a < b ? -1 : a > b ? 1 : 0) ? '1' : '0'
  }

const divisor = (right: bigint): bigint => {
  if (right === 0n) throw new ProgramError('division by zero', 2)
  return right
}

/** From the loosest to the tightest. */
const LEVELS: readonly Readonly<Record<string, Operation>>[] = [
  { '|': (left, right) => (isNothing(left) ? (isNothing(right) ? '0' : right) : left) },
  { '&': (left, right) => (isNothing(left) || isNothing(right) ? '0' : left) },
  {
    '=': compared((order) => order === 0),
    '==': compared((order) => order === 0),
    '!=': compared((order) => order !== 0),
    '<': compared((order) => order < 0),
    '<=': compared((order) => order <= 0),
    '>': compared((order) => order > 0),
    '>=': compared((order) => order >= 0),
  },
  {
    '+': calculated((left, right) => left + right),
    '-': calculated((left, right) => left - right),
  },
  {
    '*': calculated((left, right) => left * right),
    '/': calculated((left, right) => left / divisor(right)),
    '%': calculated((left, right) => left % divisor(right)),
  },
]

class Reader {
  readonly #words: readonly string[]
  #at = 0

  constructor(words: readonly string[]) {
    this.#words = words
  }

  get isAtEnd(): boolean {
    return this.#at === this.#words.length
  }

  /** Operators of this level and of all tighter ones, from the left. */
  level(depth: number): string {
    const operations = LEVELS[depth]
    if (!operations) return this.#operand()
    let value = this.level(depth + 1)
    for (;;) {
      const word = this.#words[this.#at] ?? ''
      const operation = Object.hasOwn(operations, word) ? operations[word] : undefined
      if (!operation) return value
      this.#at++
      value = operation(value, this.level(depth + 1))
    }
  }

  #operand(): string {
    const word = this.#words[this.#at++]
    if (word === undefined) throw new ProgramError('syntax error', 2)
    if (word === 'length' && !this.isAtEnd) return String([...this.#operand()].length)
    if (word !== '(') return word
    const value = this.level(0)
    if (this.#words[this.#at++] !== ')') throw new ProgramError('syntax error', 2)
    return value
  }
}
