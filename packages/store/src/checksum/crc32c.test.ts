import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32c } from './crc32c.js'

// RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
it.each([
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 times 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, n) => n), 0x46dd794e],
  ['31 to 0', Uint8Array.from({ length: 32 }, (_, n) => 31 - n), 0x113fdb5c],
])('the checksum of %s', (_name, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
})

it('goes on where it stopped, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 60 }), (bytes, cut) => {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes))
    }),
  )
})
