import { resolvePath } from '../file-system.js'
import { type Process, type Program, ProgramError } from '../process.js'

/** `test EXPRESSION`, and the same in brackets. */
export const test: Program = async (process) => {
  let words = process.args.slice(1)
  if (process.args[0] === '[' || process.args[0] === '[[') {
    if (!/^\]\]?$/.test(words.at(-1) ?? '')) throw new ProgramError('missing ]', 2)
    words = words.slice(0, -1)
  }
  return disjunction(words, process) ? 0 : 1
}

function disjunction(words: readonly string[], process: Process): boolean {
  const at = words.findIndex((word) => word === '-o' || word === '||')
  if (at <= 0) return conjunction(words, process)
  return conjunction(words.slice(0, at), process) || disjunction(words.slice(at + 1), process)
}

function conjunction(words: readonly string[], process: Process): boolean {
  const at = words.findIndex((word) => word === '-a' || word === '&&')
  if (at <= 0) return primary(words, process)
  return primary(words.slice(0, at), process) && conjunction(words.slice(at + 1), process)
}

function primary(words: readonly string[], process: Process): boolean {
  const [first, second, third] = words
  if (first === undefined) return false
  if (first === '!' && second !== undefined) return !primary(words.slice(1), process)
  if (words.length === 1) return first !== ''
  if (words.length === 2) return unary(first, second as string, process)
  if (words.length === 3) return binary(first, second as string, third as string)
  throw new ProgramError(`${second}: unknown operand`, 2)
}

function unary(operator: string, word: string, { machine, directory }: Process): boolean {
  const path = resolvePath(directory, word)
  const entry = machine.files.entry(path)
  switch (operator) {
    case '-n':
      return word !== ''
    case '-z':
      return word === ''
    case '-e':
    case '-r':
    case '-w':
      return entry !== undefined
    case '-f':
      return entry?.bytes !== undefined
    case '-d':
      return entry !== undefined && entry.bytes === undefined
    case '-s':
      return (entry?.bytes?.length ?? 0) > 0
    case '-x':
      return entry !== undefined && (entry.mode & 0o111) !== 0
    case '-L':
    case '-h':
    case '-t':
      return false
    default:
      throw new ProgramError(`${operator}: unknown operand`, 2)
  }
}

function binary(left: string, operator: string, right: string): boolean {
  if (operator === '=' || operator === '==') return left === right
  if (operator === '!=') return left !== right
  const numbers = [left, right].map((word) => {
    if (/^\s*[-+]?\d+\s*$/.test(word)) return Number(word)
    throw new ProgramError(`bad number '${word}'`, 2)
  })
  const [a, b] = numbers as [number, number]
  switch (operator) {
    case '-eq':
      return a === b
    case '-ne':
      return a !== b
    case '-lt':
      return a < b
    case '-le':
      return a <= b
    case '-gt':
      return a > b
    case '-ge':
      return a >= b
    default:
      throw new ProgramError(`${operator}: unknown operand`, 2)
  }
}
