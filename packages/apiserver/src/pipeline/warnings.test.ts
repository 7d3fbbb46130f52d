import { expect, it } from 'vitest'
import { warningHeaders } from './warnings.js'

it('writes each text once, quoted', () => {
  expect(warningHeaders(['a', 'say "b"', 'a'])).toEqual(['299 - "a"', '299 - "say \\"b\\""'])
})

it('cuts what is long, and leaves out what then is still too much', () => {
  const headers = warningHeaders(Array.from({ length: 50 }, (_, i) => `${i} ${'x'.repeat(300)}`))
  expect(headers).toHaveLength(16)
  for (const header of headers) expect(header).toHaveLength('299 - ""'.length + 256)
})
