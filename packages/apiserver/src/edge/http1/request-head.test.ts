import { describe, expect, it } from 'vitest'
import { parseHeaderBlock, parseRequestLine } from './request-head.js'

const block = (...lines: string[]) => parseHeaderBlock([...lines, ''].join('\r\n'))

describe('a request line', () => {
  it('is a method, a path and a version', () => {
    expect(parseRequestLine('GET /api/v1/pods?limit=5 HTTP/1.1')).toEqual({
      method: 'GET',
      target: '/api/v1/pods?limit=5',
    })
  })

  it.each([
    'GET /api HTTP/1.0',
    'CONNECT host:443 HTTP/1.1',
    'GET http://host/api HTTP/1.1',
    'GET  /api HTTP/1.1',
    'GET /a b HTTP/1.1',
    'get /api HTTP/1.1',
    'GET /ä HTTP/1.1',
    '',
  ])('of another form is somebody else’s work: %s', (line) => {
    expect(parseRequestLine(line)).toBeUndefined()
  })
})

describe('header fields', () => {
  it('have names in lower case and values without space around them', () => {
    expect(block('Host: a', 'ACCEPT:\t*/* ', 'X-Empty:')).toEqual({
      headers: { host: 'a', accept: '*/*', 'x-empty': '' },
      contentLength: 0,
    })
  })

  it('that stand twice make a list', () => {
    const { headers } = block('Host: a', 'Accept: b', 'Accept: c') ?? {}
    expect(headers).toMatchObject({ accept: 'b, c' })
  })

  it('that name whom to impersonate are told apart, whatever commas they have', () => {
    const { headers } =
      block('Host: a', 'Impersonate-Group: CN=a,OU=b', 'Impersonate-Group: c') ?? {}
    expect(headers).toMatchObject({ 'impersonate-group': 'CN=a,OU=b\nc' })
  })

  it.each([
    ['no host', ['Accept: a']],
    ['two hosts', ['Host: a', 'Host: b']],
    ['two lengths', ['Host: a', 'Content-Length: 1', 'Content-Length: 1']],
    ['a length that is none', ['Host: a', 'Content-Length: -1']],
    ['a length in hex', ['Host: a', 'Content-Length: 0x1']],
    ['a body of unknown length', ['Host: a', 'Transfer-Encoding: chunked']],
    ['an upgrade', ['Host: a', 'Connection: Upgrade', 'Upgrade: websocket']],
    ['a client that waits to be asked', ['Host: a', 'Expect: 100-continue']],
    ['the last request', ['Host: a', 'Connection: close']],
    ['a folded line', ['Host: a', ' b']],
    ['space in a name', ['Host : a']],
    ['a control character', ['Host: a\0']],
    ['a line break alone', ['Host: a\nX: b']],
    ['a name that objects have', ['Host: a', '__proto__: b']],
  ])('are somebody else’s work with %s', (_, lines) => {
    expect(block(...lines)).toBeUndefined()
  })
})
