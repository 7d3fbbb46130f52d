import type { ApiRequest } from '@miniplane/api'
import { expect, it } from 'vitest'
import { serveContent } from './serve-content.js'

const ETAG = '"tag"'

function serve(headers: Record<string, string>) {
  const request = { headers } as unknown as ApiRequest
  const bytes = Buffer.from('0123456789')
  const content = { bytes, contentType: 'text/plain', etag: ETAG, lastModifiedMs: 0 }
  const answer = serveContent(request, content)
  const text = answer.body.kind === 'bytes' ? Buffer.from(answer.body.bytes).toString() : ''
  return [answer.status, text, answer.headers['content-range']] as const
}

it.each<[headers: Record<string, string>, status: number, text: string, range?: string]>([
  [{}, 200, '0123456789'],
  [{ range: 'bytes=0-3' }, 206, '0123', 'bytes 0-3/10'],
  [{ range: 'bytes=7-' }, 206, '789', 'bytes 7-9/10'],
  [{ range: 'bytes=-2' }, 206, '89', 'bytes 8-9/10'],
  [{ range: 'bytes=8-99' }, 206, '89', 'bytes 8-9/10'],
  [{ range: 'bytes=10-' }, 416, 'invalid range: failed to overlap\n', 'bytes */10'],
  [{ range: 'bytes=3-1' }, 416, 'invalid range\n'],
  [{ range: 'lines=1-2' }, 416, 'invalid range\n'],
  [{ range: 'bytes=0-1,3-4' }, 200, '0123456789'],
  [{ range: 'bytes=0-3', 'if-range': ETAG }, 206, '0123', 'bytes 0-3/10'],
  [{ range: 'bytes=0-3', 'if-range': '"other"' }, 200, '0123456789'],
  [{ range: 'bytes=0-3', 'if-none-match': ETAG }, 304, ''],
])('%j is answered %i with %j', (headers, status, text, range) => {
  expect(serve(headers)).toEqual([status, text, range])
})
