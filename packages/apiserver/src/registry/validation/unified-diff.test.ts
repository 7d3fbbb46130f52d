import { describe, expect, it } from 'vitest'
import { unifiedDiff } from './unified-diff.js'

const lines = (...text: string[]) => text.join('\n')

describe('unifiedDiff', () => {
  it('is empty for equal texts', () => {
    expect(unifiedDiff('a\nb', 'a\nb')).toBe('')
  })

  it('shows a change with three lines around it', () => {
    const before = lines('1', '2', '3', '4', '5', '6', '7', '8', '9')
    const after = lines('1', '2', '3', '4', 'five', '6', '7', '8', '9')
    expect(unifiedDiff(before, after)).toBe('@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n')
  })

  it('splits changes that are far apart and joins those that are near', () => {
    const before = Array.from({ length: 20 }, (_, i) => `${i}`)
    const change = (...at: number[]) => before.map((line, i) => (at.includes(i) ? 'x' : line))
    const hunks = (after: string[]) =>
      unifiedDiff(before.join('\n'), after.join('\n')).match(/^@@/gm)?.length
    expect(hunks(change(5, 11))).toBe(1)
    expect(hunks(change(5, 13))).toBe(2)
  })
})
