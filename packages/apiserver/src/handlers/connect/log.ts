import {
  type ApiResponse,
  badRequest,
  type FieldError,
  forbiddenField,
  genericServerResponse,
  internalError,
  invalid,
  invalidValue,
  type LogOptions,
  NodeRefusal,
  notFound,
  type Pod,
  parseTime,
  TimeError,
} from '@miniplane/api'
import { queryBoolean, queryInteger } from '../../negotiation/query.js'
import { bytesResponse } from '../../negotiation/respond.js'
import type { RequestContext } from '../../pipeline/stage.js'
import type { Scope, Services } from '../scope.js'
import { dialNode } from './node.js'
import { containerOf } from './pod-container.js'

const TEXT = 'text/plain'

/** The output of a container, as its node has it. */
export async function handleLog(
  services: Services,
  scope: Scope,
  { request }: RequestContext,
): Promise<ApiResponse> {
  const { query } = request
  const { definition, resource, namespace = '', name } = scope
  const options = logOptions(query, name, services.clock.now())
  const stored = await resource.storage.get(scope.namespace, name)
  if (!stored) throw notFound(definition, name)
  const pod = stored.object as unknown as Pod
  const container = containerOf(pod, query.get('container') ?? '')
  const { nodeName } = pod.spec
  if (!nodeName) return { status: 204, headers: {}, body: { kind: 'none' } }
  const path = `/containerLogs/${namespace}/${name}/${container}`
  const node = await dialNode(
    services,
    nodeName,
    ({ host, port }) => `Get ${JSON.stringify(`https://${host}:${port}${path}`)}`,
  )
  try {
    const open = node.log({ namespace, pod: name, container }, options)
    // Over WebSocket every log is a conversation, however short.
    const isWhole = !options.follow && request.headers.upgrade?.toLowerCase() !== 'websocket'
    if (isWhole) return bytesResponse(200, TEXT, await whole(open(request.signal)))
    return { status: 200, headers: { 'content-type': TEXT }, body: { kind: 'stream', open } }
  } catch (error) {
    throw error instanceof NodeRefusal ? nodeError(error, definition, name) : error
  }
}

async function whole(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const bytes of source) parts.push(bytes)
  return Buffer.concat(parts)
}

/** What a node says of a log, in the words of the server that asked it. */
function nodeError(
  { code, message }: NodeRefusal,
  { group, resource }: { readonly group: string; readonly resource: string },
  name: string,
): Error {
  if (code === 400) return badRequest(message)
  if (code === 500) return internalError(new Error(message))
  return genericServerResponse(code, '', { group, resource }, name, message)
}

/** Throws 400 for numbers that are none and 422 for those that make no sense. */
function logOptions(query: URLSearchParams, name: string, nowMs: number): LogOptions {
  const tailLines = queryInteger(query, 'tailLines')
  const limitBytes = queryInteger(query, 'limitBytes')
  const sinceSeconds = queryInteger(query, 'sinceSeconds')
  const sinceTime = query.get('sinceTime')
  const errors: FieldError[] = []
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalidValue('tailLines', tailLines, 'must be greater than or equal to 0'))
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(invalidValue('limitBytes', limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceTime !== null)
    errors.push(
      forbiddenField('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'),
    )
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(invalidValue('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  if (query.get('stream')) errors.push(forbiddenField('stream', 'may not be specified'))
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors)
  const sinceMs = sinceSeconds === undefined ? timeOf(sinceTime) : nowMs - sinceSeconds * 1000
  return {
    follow: queryBoolean(query, 'follow'),
    previous: queryBoolean(query, 'previous'),
    timestamps: queryBoolean(query, 'timestamps'),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
  }
}

function timeOf(text: string | null): number | undefined {
  if (!text) return undefined
  try {
    return parseTime(text)
  } catch (error) {
    if (error instanceof TimeError) throw badRequest(error.message)
    throw error
  }
}
