import type { ApiRequest, ApiResponse } from '@miniplane/api'
import { textResponse } from '../negotiation/respond.js'

/** A document that a client may have already. */
export interface Content {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** In quotes; absent: only the time tells. */
  readonly etag?: string
  readonly lastModifiedMs: number
}

/**
 * The document or a part of it, or 304 for a client that has this very one. Source: RFC 9110 §13.2.2
 * and §14, without conditions that only writes have; of several ranges the whole is sent.
 */
export function serveContent(
  { headers }: ApiRequest,
  { bytes, contentType, etag, lastModifiedMs }: Content,
  more: Readonly<Record<string, string>> = {},
): ApiResponse {
  const lastModified = new Date(lastModifiedMs).toUTCString()
  const validators = etag === undefined ? { 'last-modified': lastModified } : { etag }
  if (isKnown(headers, etag, lastModifiedMs))
    return { status: 304, headers: { ...more, ...validators }, body: { kind: 'none' } }
  const fields = {
    ...more,
    ...validators,
    'accept-ranges': 'bytes',
    'content-type': contentType,
    'last-modified': lastModified,
  }
  const range = isRangeOf(headers, etag, lastModified)
    ? rangeIn(headers.range ?? '', bytes.length)
    : 'whole'
  if (range === 'whole') return { status: 200, headers: fields, body: { kind: 'bytes', bytes } }
  if (range instanceof Error) return notSatisfiable(range.message, bytes.length)
  const [start, end] = range
  return {
    status: 206,
    headers: { ...fields, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` },
    body: { kind: 'bytes', bytes: bytes.subarray(start, end) },
  }
}

/** Whether a part is wanted, and of this document: `If-Range` names the one that the client has. */
function isRangeOf(
  headers: ApiRequest['headers'],
  etag: string | undefined,
  lastModified: string,
): boolean {
  const known = headers['if-range']
  return headers.range !== undefined && (!known || known === etag || known === lastModified)
}

const NO_OVERLAP = 'invalid range: failed to overlap'

/** Where the range begins and where it is over. */
function rangeIn(text: string, length: number): readonly [number, number] | 'whole' | Error {
  const [, list] = /^bytes=(.*)$/.exec(text) ?? []
  if (list === undefined) return new Error('invalid range')
  if (list.includes(',')) return 'whole'
  const [, from = '', to = ''] = /^\s*(\d*)-(\d*)\s*$/.exec(list) ?? []
  if (from === '' && to === '') return new Error('invalid range')
  if (from === '') return [Math.max(length - Number(to), 0), length]
  const start = Number(from)
  if (to !== '' && Number(to) < start) return new Error('invalid range')
  if (start >= length) return new Error(NO_OVERLAP)
  return [start, to === '' ? length : Math.min(Number(to) + 1, length)]
}

function notSatisfiable(problem: string, length: number): ApiResponse {
  const { headers, ...response } = textResponse(416, `${problem}\n`)
  const range = problem === NO_OVERLAP ? { 'content-range': `bytes */${length}` } : undefined
  return {
    ...response,
    headers: { ...headers, ...range, 'x-content-type-options': 'nosniff' },
  }
}

function isKnown(
  headers: ApiRequest['headers'],
  etag: string | undefined,
  lastModifiedMs: number,
): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) {
    const known = tags.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return known.includes('*') || (etag !== undefined && known.includes(etag))
  }
  const since = headers['if-modified-since']
  return since !== undefined && Math.floor(lastModifiedMs / 1000) * 1000 <= Date.parse(since)
}
