import { decodeObject, namedSchema } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { decodeMessage } from './decode-message.js'
import { openEnvelope } from './envelope.js'
import { WireError } from './wire-reader.js'

/** As a real server answered `GET configmaps/cm` in protobuf. */
const RECORDED =
  'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEooCCt8BCgJjbRIAGgVmYWN0cyIAKiQzOTBlZjkyMy05ODY1LTQxZDMtYTkwNi1hMzdjNzEyY2JhZDAyAzczOTgAQggI//eD2AYQAIoBlQEKB3Vua25vd24SBlVwZGF0ZRoCdjEiCAj/94PYBhAAMghGaWVsZHNWMTpoCmZ7ImY6YmluYXJ5RGF0YSI6eyIuIjp7fSwiZjpiaW4iOnt9LCJmOmVtcHR5Ijp7fX0sImY6ZGF0YSI6eyIuIjp7fSwiZjphIjp7fSwiZjpiIjp7fX0sImY6aW1tdXRhYmxlIjp7fX1CABIFCgFhEgASBgoBYhIBeBoKCgNiaW4SAwD/EBoJCgVlbXB0eRIAIAEaACIA'

describe('protobuf bodies', () => {
  it('say what their JSON says', () => {
    const { apiVersion, kind, raw } = openEnvelope(Buffer.from(RECORDED, 'base64'))
    expect({ apiVersion, kind }).toEqual({ apiVersion: 'v1', kind: 'ConfigMap' })
    const schema = namedSchema('core.v1.ConfigMap')
    const { object } = decodeObject({ kind, apiVersion, ...decodeMessage(raw, schema) }, schema)
    expect(object).toMatchObject({
      kind: 'ConfigMap',
      metadata: {
        name: 'cm',
        namespace: 'facts',
        resourceVersion: '739',
        creationTimestamp: '2026-11-21T02:03:43Z',
      },
      immutable: true,
      data: { a: '', b: 'x' },
      binaryData: { bin: 'AP8Q', empty: '' },
    })
  })

  it.each([
    ['without the prefix', Buffer.from('{"kind":"ConfigMap"}')],
    ['cut short', Buffer.from(RECORDED, 'base64').subarray(0, 40)],
    ['of garbage', Buffer.from([0x6b, 0x38, 0x73, 0, 0xff, 0xff, 0xff])],
  ])('%s are refused', (_, bytes) => {
    expect(() => decodeMessage(openEnvelope(bytes).raw, namedSchema('core.v1.ConfigMap'))).toThrow(
      WireError,
    )
  })
})
