const LETTER = /\p{L}/u
const DIGIT = /\p{Nd}/u

/**
 * The order in which Go's library prints keys: letters after everything else, runs of digits by
 * their value, so that `k2` comes before `k10`.
 */
export function compareYamlKeys(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    if (left[i] === right[i]) continue
    return compareAt(left, right, i)
  }
  return left.length - right.length
}

function compareAt(left: readonly string[], right: readonly string[], i: number): number {
  const a = left[i] ?? ''
  const b = right[i] ?? ''
  const isLetterA = LETTER.test(a)
  const isLetterB = LETTER.test(b)
  if (isLetterA !== isLetterB) return isLetterB ? -1 : 1
  if (!isLetterA) {
    // A zero in the middle of a number counts as a digit of it, one in front does not.
    const insideNumber = (a === '0' || b === '0') && hasDigitsBefore(left, i)
    const runA = digitRun(left, i)
    const runB = digitRun(right, i)
    const valueA = Number(`${insideNumber ? 1 : ''}${runA || 0}`)
    const valueB = Number(`${insideNumber ? 1 : ''}${runB || 0}`)
    if (runA !== '' || runB !== '') {
      if (insideNumber && runA.length !== runB.length) return runA.length - runB.length
      if (valueA !== valueB) return valueA - valueB
      if (runA.length !== runB.length) return runA.length - runB.length
    }
  }
  return (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)
}

function hasDigitsBefore(text: readonly string[], end: number): boolean {
  for (let i = end - 1; i >= 0 && DIGIT.test(text[i] ?? ''); i--) if (text[i] !== '0') return true
  return false
}

function digitRun(text: readonly string[], start: number): string {
  let run = ''
  for (let i = start; i < text.length && DIGIT.test(text[i] ?? ''); i++) run += text[i]
  return run
}
