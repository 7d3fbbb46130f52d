import { describe, expect, it } from 'vitest'
import { formatGoDuration, parseGoDuration } from './go-duration.js'

describe('durations as Go writes them', () => {
  it.each([
    ['0', 0, '0s'],
    ['500ms', 500, '500ms'],
    ['1.5s', 1500, '1.5s'],
    ['90s', 90_000, '1m30s'],
    ['1h', 3_600_000, '1h0m0s'],
    ['-2m', -120_000, '-2m0s'],
  ])('%s is %d ms, printed %s', (text, ms, printed) => {
    expect(parseGoDuration(text)).toBe(ms)
    expect(formatGoDuration(ms)).toBe(printed)
  })

  it.each(['', '5', 'soon', '1x', '1h 2m'])('refuses %j', (text) => {
    expect(parseGoDuration(text)).toBeUndefined()
  })
})
