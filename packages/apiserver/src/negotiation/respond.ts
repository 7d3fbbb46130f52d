import { type ApiResponse, indentJson, type Status, toYaml } from '@miniplane/api'
import type { RequestContext } from '../pipeline/stage.js'
import type { Encodable } from '../storage/shared-object.js'
import { unstored } from '../storage/unstored.js'
import { MEDIA_TYPES, negotiateUnrouted, type Representation } from './accept.js'
import { encodeProtobuf } from './protobuf.js'

export const JSON_TYPE = MEDIA_TYPES.json
const TEXT_TYPE = 'text/plain; charset=utf-8'

/** Answers with an object in the representation that was agreed on. */
export function respondEncodable(
  code: number,
  value: Encodable,
  { format, isPretty }: Representation,
  contentType: string = MEDIA_TYPES[format],
): ApiResponse {
  switch (format) {
    case 'yaml':
      return bytesResponse(code, contentType, Buffer.from(toYaml(value.object)))
    case 'protobuf':
      return bytesResponse(code, contentType, encodeProtobuf(value))
    case 'json': {
      const json = isPretty ? () => prettyJson(value) : () => value.json()
      const parts = isPretty || !value.parts ? undefined : () => value.parts?.() ?? [value.json()]
      return {
        status: code,
        headers: { 'content-type': contentType },
        body: { kind: 'object', json, parts, object: value.object },
      }
    }
  }
}

/** Without a newline at the end: that is the difference to plain JSON beside the spaces. */
const prettyJson = (value: Encodable): Uint8Array =>
  Buffer.from(indentJson(Buffer.from(value.json()).toString()))

export function respondStatus(context: RequestContext, status: Status): ApiResponse {
  const response = presentStatus(context, status)
  const seconds = status.details?.retryAfterSeconds
  if (!seconds) return response
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } }
}

/** To somebody whose wishes can't be met the answer is JSON, with line breaks for whoever looks. */
function presentStatus({ request }: RequestContext, status: Status): ApiResponse {
  const code = status.code ?? 500
  try {
    const wanted = negotiateUnrouted(request.headers, request.query)
    return respondEncodable(code, unstored(status), wanted)
  } catch {
    // Not swallowed: what can't be negotiated is being reported by this very answer, or matters less.
    const headers = { 'content-type': MEDIA_TYPES.json }
    const json = () => prettyJson(unstored(status))
    return { status: code, headers, body: { kind: 'object', object: status, json } }
  }
}

export function textResponse(code: number, text: string, contentType = TEXT_TYPE): ApiResponse {
  return bytesResponse(code, contentType, Buffer.from(text))
}

export function bytesResponse(code: number, contentType: string, bytes: Uint8Array): ApiResponse {
  return { status: code, headers: { 'content-type': contentType }, body: { kind: 'bytes', bytes } }
}

/** Text that a browser may not take for anything else. */
export const plainText = (code: number, text: string): ApiResponse =>
  unsniffable(textResponse(code, text))

/** An answer that a browser takes for nothing but what its type says. */
export const unsniffable = (response: ApiResponse): ApiResponse => ({
  ...response,
  headers: { ...response.headers, 'x-content-type-options': 'nosniff' },
})

/** What the real server's outermost layer says of a path that leads nowhere. */
export const pageNotFound = (): ApiResponse => plainText(404, '404 page not found\n')
