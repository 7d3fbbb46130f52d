import { describe, expect, it } from 'vitest'
import { PutRequest, TxnRequest } from './kv.js'
import { MalformedMessage } from './message.js'
import { Message } from './raft.js'
import { WatchCreateRequest } from './watch.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('messages', () => {
  it('leaves out what is empty and reads it as empty', () => {
    expect(hex(PutRequest.encode({ key: 'a', value: Buffer.from('b') }))).toBe('0a016112' + '0162')
    expect(PutRequest.decode(Buffer.from('0a0161', 'hex'))).toEqual({
      key: 'a',
      value: new Uint8Array(0),
      lease: 0n,
      prevKv: false,
      ignoreValue: false,
      ignoreLease: false,
    })
  })

  it('keeps all 64 bits of an id, and the sign of a number', () => {
    const lease = -0x7fff_ffff_ffff_fffen
    expect(PutRequest.decode(PutRequest.encode({ key: 'a', lease })).lease).toBe(lease)
    const startRevision = -3
    const watch = WatchCreateRequest.decode(WatchCreateRequest.encode({ startRevision }))
    expect(watch.startRevision).toBe(-3)
  })

  it('keeps every byte of a key', () => {
    const key = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))
    expect(PutRequest.decode(PutRequest.encode({ key })).key).toBe(key)
  })

  it('tells an absent member of a oneof from an empty one', () => {
    const bytes = TxnRequest.encode({
      compare: [{ result: '=', target: 'mod', key: 'a', modRevision: 0, rangeEnd: '' }],
      success: [{ requestTxn: { compare: [], success: [], failure: [] } }],
      failure: [],
    })
    const { compare, success } = TxnRequest.decode(bytes)
    expect(compare[0]).toMatchObject({ modRevision: 0 })
    expect(compare[0]).not.toHaveProperty('version')
    expect(success).toEqual([{ requestTxn: { compare: [], success: [], failure: [] } }])
  })

  it('skips fields of a later version and reads packed numbers', () => {
    const later = Buffer.from('0a0161' + 'fa3f03010203' + '2a020001', 'hex')
    expect(WatchCreateRequest.decode(later)).toMatchObject({
      key: 'a',
      filters: ['noput', 'nodelete'],
    })
  })

  it('speaks the JSON of proto3, with the names of the .proto', () => {
    const json = { key: 'Zm9v', lease: '-5', prev_kv: true }
    expect(PutRequest.toJson(PutRequest.fromJson(json))).toEqual(json)
    expect(PutRequest.fromJson({ prevKv: true })).toMatchObject({ prevKv: true })
    expect(PutRequest.fromJson({ nokey: 1 })).toEqual(PutRequest.fromJson({}))
  })

  it.each([
    [1, 'expected a base64 string'],
    ['!!', 'illegal base64 data at input byte 0'],
    ['YW-_JQ', 'illegal base64 data at input byte 6'],
    ['YQ=', 'illegal base64 data at input byte 3'],
  ])('refuses %j as bytes', (key, problem) => {
    expect(() => PutRequest.fromJson({ key })).toThrow(problem)
  })

  it('keeps a number that an enum does not know', () => {
    const bytes = Buffer.from('0863', 'hex')
    expect(hex(Message.encode(Message.decode(bytes)))).toBe('0863')
  })

  it.each([
    ['a length past the end', '0a05aa'],
    ['a varint without end', '18ffffffffffffffffffffff'],
    ['field 0', '0001'],
    ['a wrong wire type', '0d00000000'],
    ['the end of a group', '0c'],
  ])('refuses %s', (_, bytes) => {
    expect(() => PutRequest.decode(Buffer.from(bytes, 'hex'))).toThrow(MalformedMessage)
  })
})
