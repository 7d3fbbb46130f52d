import type { ApiRequest, ApiResponse } from '@miniplane/api'

/** A document that a client may have already. */
export interface Content {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** In quotes; absent: only the time tells. */
  readonly etag?: string
  readonly lastModifiedMs: number
}

/**
 * The document, or 304 for a client that has this very one. Source: RFC 9110 §13.2.2, without
 * ranges and without conditions that only writes have.
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
  return {
    status: 200,
    headers: {
      ...more,
      ...validators,
      'content-type': contentType,
      'last-modified': lastModified,
    },
    body: { kind: 'bytes', bytes },
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
