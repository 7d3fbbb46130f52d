import { type ApiResponse, encodeJsonText, type Status, toYaml } from '@miniplane/api'
import type { RequestContext } from '../pipeline/stage.js'
import { type Encodable, UnstoredObject } from '../storage/stored-object.js'
import { negotiate, type Representation } from './accept.js'

export const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
const TEXT_TYPE = 'text/plain; charset=utf-8'

export const encodeJsonLine = (value: unknown): Uint8Array =>
  Buffer.from(`${encodeJsonText(value)}\n`)

/** An object that is encoded when somebody asks for its bytes. */
export const unstored = (object: unknown): Encodable => new UnstoredObject(object, encodeJsonLine)

/** Answers with an object in the representation that was agreed on. */
export function respondEncodable(
  code: number,
  value: Encodable,
  { format, isPretty }: Representation,
  contentType?: string,
): ApiResponse {
  if (format === 'yaml')
    return bytesResponse(code, contentType ?? YAML_TYPE, Buffer.from(toYaml(value.object)))
  const { object } = value
  const json = isPretty ? () => Buffer.from(`${prettyJson(object)}\n`) : () => value.json()
  return {
    status: code,
    headers: { 'content-type': contentType ?? JSON_TYPE },
    body: { kind: 'object', object, json },
  }
}

const prettyJson = (object: unknown) =>
  JSON.stringify(JSON.parse(encodeJsonText(object)), undefined, 2)

export function respondStatus(context: RequestContext, status: Status): ApiResponse {
  const response = respondEncodable(status.code ?? 500, unstored(status), fallback(context))
  const seconds = status.details?.retryAfterSeconds
  if (!seconds) return response
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } }
}

/** How to say no to somebody whose wishes may be the problem. */
function fallback({ request }: RequestContext): Representation {
  try {
    const { format, isPretty } = negotiate(request.headers, request.query, 'object')
    return { format, isPretty }
  } catch {
    // Not swallowed: what can't be negotiated is being reported by this very answer.
    return { format: 'json', isPretty: false }
  }
}

export function textResponse(code: number, text: string, contentType = TEXT_TYPE): ApiResponse {
  return bytesResponse(code, contentType, Buffer.from(text))
}

export function bytesResponse(code: number, contentType: string, bytes: Uint8Array): ApiResponse {
  return { status: code, headers: { 'content-type': contentType }, body: { kind: 'bytes', bytes } }
}

/** What the real server's outermost layer says of a path that leads nowhere. */
export const pageNotFound = (): ApiResponse => textResponse(404, '404 page not found\n')
