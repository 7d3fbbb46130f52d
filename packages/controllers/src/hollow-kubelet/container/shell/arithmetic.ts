import { ProgramError } from '../process.js'

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const DEPTH_MAX = 50

/** Whole numbers, as `$((…))` has them. A name stands for its value. */
export function arithmetic(text: string, variable: (name: string) => string): number {
  const tokens = text.match(/\s*(\d+|[A-Za-z_]\w*|\|\||&&|[=!<>]=|[-+*/%<>()!])/g) ?? []
  const words = tokens.map((token) => token.trim())
  if (words.join('') !== text.replaceAll(/\s/g, '')) throw syntaxError(text)
  let at = 0

  const level = (index: number, depth: number): number => {
    if (depth > DEPTH_MAX) throw syntaxError(text)
    const operators = LEVELS[index]
    if (!operators) return unary(depth)
    let left = level(index + 1, depth)
    for (let word = words[at]; word !== undefined && operators.includes(word); word = words[at]) {
      at++
      left = apply(word, left, level(index + 1, depth))
    }
    return left
  }
  const unary = (depth: number): number => {
    const word = words[at++]
    if (word === undefined) throw syntaxError(text)
    if (word === '-') return -unary(depth + 1)
    if (word === '+') return unary(depth + 1)
    if (word === '!') return unary(depth + 1) === 0 ? 1 : 0
    if (word === '(') {
      const value = level(0, depth + 1)
      if (words[at++] !== ')') throw syntaxError(text)
      return value
    }
    if (/^\d/.test(word)) return Number(word)
    if (/^[A-Za-z_]/.test(word)) return Number.parseInt(variable(word), 10) || 0
    throw syntaxError(text)
  }
  if (words.length === 0) return 0
  const value = level(0, 0)
  if (at < words.length) throw syntaxError(text)
  return value
}

const syntaxError = (text: string) => new ProgramError(`arithmetic syntax error: ${text}`, 2)

function apply(operator: string, left: number, right: number): number {
  switch (operator) {
    case '||':
      return left !== 0 || right !== 0 ? 1 : 0
    case '&&':
      return left !== 0 && right !== 0 ? 1 : 0
    case '==':
      return Number(left === right)
    case '!=':
      return Number(left !== right)
    case '<=':
      return Number(left <= right)
    case '>=':
      return Number(left >= right)
    case '<':
      return Number(left < right)
    case '>':
      return Number(left > right)
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    default:
      if (right === 0) throw new ProgramError('divide by zero', 2)
      return operator === '/' ? Math.trunc(left / right) : left % right
  }
}
