const LETTER = /\p{L}/u
const DIGIT = /\p{Nd}/u

/**
 * The order in which Go's library prints keys: letters after everything else, runs of digits by
 * their value, so that `k2` comes before `k10`.
 */
export function compareYamlKeys(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left === right) continue
    return isAsciiLetter(left) && isAsciiLetter(right) ? left - right : compareAt(a, b, i)
  }
  return a.length - b.length
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)
}

function compareAt(left: string, right: string, i: number): number {
  const a = left[i] ?? ''
  const b = right[i] ?? ''
  const isLetterA = LETTER.test(a)
  const isLetterB = LETTER.test(b)
  if (isLetterA !== isLetterB) return isLetterB ? -1 : 1
  if (!isLetterA) {
    const byNumber = compareNumbers(left, right, i)
    if (byNumber !== 0) return byNumber
  }
  return (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)
}

/** By the value of the digits that begin here, 0 when that does not tell. */
function compareNumbers(left: string, right: string, i: number): number {
  // A zero in the middle of a number counts as a digit of it, one in front does not.
  const isInside = (left[i] === '0' || right[i] === '0') && hasDigitsBefore(left, i)
  const a = digitRun(left, i)
  const b = digitRun(right, i)
  const prefix = isInside ? '1' : ''
  return Number(prefix + (a || '0')) - Number(prefix + (b || '0')) || a.length - b.length
}

function hasDigitsBefore(text: string, end: number): boolean {
  for (let i = end - 1; i >= 0 && DIGIT.test(text[i] ?? ''); i--) if (text[i] !== '0') return true
  return false
}

function digitRun(text: string, start: number): string {
  let run = ''
  for (let i = start; i < text.length && DIGIT.test(text[i] ?? ''); i++) run += text[i]
  return run
}
