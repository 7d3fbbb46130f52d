import { limits } from '../../limits.js'
import { OutOfResources, ProgramError } from '../process.js'
import { arithmetic } from './arithmetic.js'
import { matchesPattern, matchPaths } from './pattern.js'
import type { ShellState } from './state.js'
import type { List, Word, WordPart } from './syntax.js'

/** The output of a script that stands in a word. */
export type Substitute = (script: List) => Promise<string>

/** A piece of a word: text that is split and matched when it is not quoted. */
interface Piece {
  readonly text: string
  readonly isQuoted: boolean
  /** Came out of a variable or a command: spaces in it separate words. */
  readonly isSplit: boolean
}

const GLOB = /[*?[]/
/** Every piece of it is tried. */
const TRIMMED_LENGTH_MAX = 4096
/** And for each, each character of the pattern may be. */
const TRIM_WORK_MAX = 200_000_000

/** What words become: variables and commands replaced, split at spaces, patterns matched with files. */
export async function expandWords(
  words: readonly Word[],
  state: ShellState,
  substitute: Substitute,
): Promise<string[]> {
  const expanded: string[] = []
  for (const word of words) {
    const [only] = word
    // Each parameter a word of its own: the one thing that makes several out of a quoted one.
    if (
      word.length === 1 &&
      only?.kind === 'variable' &&
      only.name === '@' &&
      only.operator === ''
    ) {
      expanded.push(...state.parameters)
      continue
    }
    for (const field of fieldsOf(await piecesOf(word, state, substitute)))
      expanded.push(...pathsOf(field, state))
  }
  return expanded
}

/** As one text, whatever is in it: an assignment's value, a file's name, a text in the script. */
export async function expandText(
  word: Word,
  state: ShellState,
  substitute: Substitute,
): Promise<string> {
  const pieces = await piecesOf(word, state, substitute)
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0)
  if (length > limits.shellTextBytesMax) throw new OutOfResources('out of memory')
  return pieces.map(({ text }) => text).join('')
}

async function piecesOf(word: Word, state: ShellState, substitute: Substitute): Promise<Piece[]> {
  const pieces: Piece[] = []
  for (const part of word) {
    const text = await textOf(part, state, substitute)
    const isTilde = part === word[0] && part.kind === 'text' && !part.isQuoted
    const home = isTilde ? text.replace(/^~(?=\/|$)/, state.variables.get('HOME') ?? '/') : text
    const { isQuoted } = part
    pieces.push({ text: home, isQuoted, isSplit: part.kind !== 'text' && !isQuoted })
  }
  return pieces
}

async function textOf(part: WordPart, state: ShellState, substitute: Substitute): Promise<string> {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'command':
      return (await substitute(part.script)).replace(/\n+$/, '')
    case 'arithmetic': {
      const text = await expandText(part.expression, state, substitute)
      return String(arithmetic(text, (name) => state.variables.get(name) ?? ''))
    }
    case 'variable':
      return variableText(part, state, () => expandText(part.operand, state, substitute))
  }
}

async function variableText(
  { name, operator }: Extract<WordPart, { kind: 'variable' }>,
  state: ShellState,
  operand: () => Promise<string>,
): Promise<string> {
  const value = state.lookUp(name)
  const isThere = operator.startsWith(':')
    ? value !== undefined && value !== ''
    : value !== undefined
  switch (operator) {
    case '':
      return value ?? ''
    case 'length':
      return String(value?.length ?? 0)
    case ':-':
    case '-':
      return isThere ? (value as string) : operand()
    case ':=':
    case '=': {
      if (isThere) return value as string
      const given = await operand()
      state.variables.set(name, given)
      return given
    }
    case ':+':
    case '+':
      return isThere ? operand() : ''
    case ':?':
    case '?': {
      if (isThere) return value as string
      throw new ProgramError(`${name}: ${(await operand()) || 'parameter not set'}`, 2)
    }
    default:
      return trimmed(value ?? '', operator, await operand())
  }
}

/** Without what a pattern matches at the beginning (`#`) or the end (`%`), the longest when doubled. */
function trimmed(value: string, operator: string, pattern: string): string {
  if (value.length > TRIMMED_LENGTH_MAX || value.length ** 2 * pattern.length > TRIM_WORK_MAX)
    throw new ProgramError('value too long', 2)
  const isFront = operator.startsWith('#')
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length)
  if (operator.length === 2) lengths.reverse()
  for (const length of lengths) {
    const piece = isFront ? value.slice(0, length) : value.slice(value.length - length)
    if (matchesPattern(pattern, piece))
      return isFront ? value.slice(length) : value.slice(0, value.length - length)
  }
  return value
}

interface Field {
  text: string
  /** The same with quoted characters that a pattern must not see marked by a backslash. */
  pattern: string
  hasGlob: boolean
}

function fieldsOf(pieces: readonly Piece[]): Field[] {
  const fields: Field[] = []
  let field: Field | undefined
  const add = (text: string, isQuoted: boolean) => {
    field ??= { text: '', pattern: '', hasGlob: false }
    field.text += text
    field.pattern += isQuoted ? text.replace(/[*?[\\]/g, '\\$&') : text
    field.hasGlob ||= !isQuoted && GLOB.test(text)
  }
  for (const { text, isQuoted, isSplit } of pieces) {
    if (!isSplit) {
      if (text !== '' || isQuoted) add(text, isQuoted)
      continue
    }
    for (const [index, run] of text.split(/[ \t\n]+/).entries()) {
      if (index > 0 && field) {
        fields.push(field)
        field = undefined
      }
      if (run !== '') add(run, false)
    }
  }
  if (field) fields.push(field)
  return fields
}

function pathsOf({ text, pattern, hasGlob }: Field, state: ShellState): string[] {
  if (!hasGlob) return [text]
  const paths = matchPaths(pattern, state.directory, state.machine.files)
  return paths.length > 0 ? paths : [text]
}
