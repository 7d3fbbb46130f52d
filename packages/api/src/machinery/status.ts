import type { Status, StatusCause } from '../generated/types/index.js'
import { groupKindText, groupResourceText } from '../schema/group-version.js'
import type { GroupResource } from '../schema/resource-definition.js'
import type { FieldError } from './field-error.js'
import { goQuote } from './go-quote.js'

/** Every machine-readable reason that the API machinery gives, with its HTTP code. */
export type StatusReason =
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'Gone'
  | 'InternalError'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'ServerTimeout'
  | 'ServiceUnavailable'
  | 'StoreReadError'
  | 'Timeout'
  | 'TooManyRequests'
  | 'Unauthorized'
  | 'UnsupportedMediaType'

/** An answer other than success, thrown up to the stage that turns it into a response. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: Status

  constructor(status: Status) {
    super(status.message ?? '')
    this.status = status
  }

  get code(): number {
    return this.status.code ?? 500
  }

  /** Empty when the server gave none. */
  get reason(): string {
    return this.status.reason ?? ''
  }
}

/** Whether `error` is a `StatusError`, and of that reason when one is given. */
export function isStatusError(error: unknown, reason?: StatusReason): error is StatusError {
  return error instanceof StatusError && (reason === undefined || error.reason === reason)
}

/** A resource and, as far as known, the object's name: what a message is about. */
interface Subject {
  readonly group: string
  readonly kind: string
  readonly name?: string
}

interface Extra {
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** `details` is written when there is a subject or something extra, empty members left out. */
function failure(
  code: number,
  reason: string,
  message: string,
  subject?: Subject,
  extra?: Extra,
): StatusError {
  const details = (subject || extra) && {
    ...(subject?.name && { name: subject.name }),
    ...(subject?.group && { group: subject.group }),
    ...(subject?.kind && { kind: subject.kind }),
    ...(extra?.causes && extra.causes.length > 0 && { causes: [...extra.causes] }),
    ...(extra?.retryAfterSeconds && { retryAfterSeconds: extra.retryAfterSeconds }),
  }
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason && { reason }),
    ...(details && { details }),
    code,
  })
}

const subjectOf = ({ group, resource }: GroupResource, name: string): Subject => ({
  group,
  kind: resource,
  name,
})

export function notFound(resource: GroupResource, name: string): StatusError {
  const message = `${groupResourceText(resource)} ${goQuote(name)} not found`
  return failure(404, 'NotFound', message, subjectOf(resource, name))
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  const message = `${groupResourceText(resource)} ${goQuote(name)} already exists`
  return failure(409, 'AlreadyExists', message, subjectOf(resource, name))
}

/** All the names that were tried for a `generateName` are taken. */
export function generateNameConflict(
  resource: GroupResource,
  name: string,
  retryAfterSeconds: number,
): StatusError {
  const message = `${groupResourceText(resource)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`
  return failure(409, 'AlreadyExists', message, subjectOf(resource, name), { retryAfterSeconds })
}

export function conflict(resource: GroupResource, name: string, message: string): StatusError {
  const text = `Operation cannot be fulfilled on ${groupResourceText(resource)} ${goQuote(name)}: ${message}`
  return failure(409, 'Conflict', text, subjectOf(resource, name))
}

/** Server-side apply met fields of other managers. */
export function applyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return failure(409, 'Conflict', message, undefined, { causes })
}

/** The object does not pass validation; the message lists each distinct error once. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const causes = errors.map(({ type, field, message }) => ({ reason: type, message, field }))
  const list = aggregate(errors.map(({ field, message }) => `${field}: ${message}`))
  const message = `${groupKindText(kind)} ${goQuote(name)} is invalid${list && `: ${list}`}`
  return failure(422, 'Invalid', message, { ...kind, name }, { causes })
}

/** Several messages as one, as Go's aggregate errors print: `[a, b]`, without repeats. */
export function aggregate(messages: readonly string[]): string {
  const distinct = [...new Set(messages)]
  return distinct.length > 1 ? `[${distinct.join(', ')}]` : (distinct[0] ?? '')
}

/** `causes` is for refusals that programs look into, such as `NamespaceTerminating`. */
export function forbidden(
  resource: GroupResource,
  name: string,
  message: string,
  causes?: readonly StatusCause[],
): StatusError {
  const extra = causes && { causes }
  return failure(
    403,
    'Forbidden',
    forbiddenText(resource, name, message),
    subjectOf(resource, name),
    extra,
  )
}

function forbiddenText(resource: GroupResource, name: string, message: string): string {
  if (resource.resource === '') return `forbidden: ${message}`
  if (name === '') return `${groupResourceText(resource)} is forbidden: ${message}`
  return `${groupResourceText(resource)} ${goQuote(name)} is forbidden: ${message}`
}

export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message)
}

export function unauthorized(message = 'Unauthorized'): StatusError {
  return failure(401, 'Unauthorized', message)
}

/** The resource exists and never does this; `verb` as in `create is not supported on …`. */
export function methodNotAllowed(resource: GroupResource, verb: string): StatusError {
  const text = groupResourceText(resource)
  const message = `${verb} is not supported on resources of kind ${goQuote(text)}`
  return failure(405, 'MethodNotAllowed', message, subjectOf(resource, ''))
}

/** History no longer reaches what was asked for: list again. */
export function expired(message: string): StatusError {
  return failure(410, 'Expired', message)
}

export function gone(message: string): StatusError {
  return failure(410, 'Gone', message)
}

export function requestEntityTooLarge(message: string): StatusError {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`)
}

export function unsupportedMediaType(message: string): StatusError {
  return failure(415, 'UnsupportedMediaType', message)
}

export function notAcceptable(message: string): StatusError {
  return failure(406, 'NotAcceptable', message)
}

export function internalError(error: unknown): StatusError {
  const message = error instanceof Error ? error.message : String(error)
  const causes = [{ message }]
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, undefined, { causes })
}

/** 429 is never an error of the request itself: the same request may be sent again later. */
export function tooManyRequests(
  message: string,
  retryAfterSeconds: number,
  causes?: readonly StatusCause[],
): StatusError {
  const extra = { retryAfterSeconds, ...(causes && { causes }) }
  return failure(429, 'TooManyRequests', message, undefined, extra)
}

export function serviceUnavailable(message: string): StatusError {
  return failure(503, 'ServiceUnavailable', message)
}

/** The request may still be carried out. */
export function timeout(message: string, retryAfterSeconds: number): StatusError {
  return failure(504, 'Timeout', `Timeout: ${message}`, undefined, { retryAfterSeconds })
}

/** The server could not do it now; the client may try again. */
export function serverTimeout(
  resource: GroupResource,
  verb: string,
  retryAfterSeconds: number,
): StatusError {
  const text = groupResourceText(resource)
  const message = `The ${verb} operation against ${text} could not be completed at this time, please try again.`
  return failure(500, 'ServerTimeout', message, subjectOf(resource, verb), { retryAfterSeconds })
}

/** The client has seen a revision that this server has not reached. */
export function tooLargeResourceVersion(
  wanted: number | string,
  current: number | string,
  retryAfterSeconds: number,
): StatusError {
  const text = 'Too large resource version'
  return failure(504, 'Timeout', `Timeout: ${text}: ${wanted}, current: ${current}`, undefined, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: text }],
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  })
}

const GENERIC: Readonly<Record<number, readonly [reason: StatusReason, message: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  409: ['Conflict', 'the server reported a conflict'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: [
    'TooManyRequests',
    'the server has received too many requests and has asked us to try again later',
  ],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
}

/**
 * What a bare HTTP code means: given by a client for an answer that is no `Status` (`unexpected`),
 * and by the server where it knows nothing better. `serverMessage` is the answer's body.
 */
export function genericServerResponse(
  code: number,
  verb: string,
  resource: GroupResource,
  name: string,
  serverMessage = '',
  retryAfterSeconds = 0,
  unexpected = false,
): StatusError {
  const [reason, text] = genericText(code, verb, serverMessage)
  const known = resource.group !== '' || resource.resource !== ''
  const target = [verb.toLowerCase(), groupResourceText(resource), name].filter(
    (part) => part !== '',
  )
  const causes = unexpected
    ? [{ reason: 'UnexpectedServerResponse', ...(serverMessage && { message: serverMessage }) }]
    : []
  return failure(
    code,
    reason,
    known ? `${text} (${target.join(' ')})` : text,
    subjectOf(resource, name),
    { causes, retryAfterSeconds },
  )
}

function genericText(code: number, verb: string, serverMessage: string): readonly [string, string] {
  if (code === 409 && verb === 'POST') return ['AlreadyExists', 'the server reported a conflict']
  if (code === 403) return ['Forbidden', serverMessage]
  if (code === 415) return ['UnsupportedMediaType', serverMessage]
  if (code === 406) {
    const said = serverMessage !== '' && serverMessage !== 'unknown'
    const silent = 'the server was unable to respond with a content type that the client supports'
    return ['NotAcceptable', said ? serverMessage : silent]
  }
  const generic = GENERIC[code]
  if (generic) return generic
  if (code >= 500) {
    const message = `an error on the server (${goQuote(serverMessage)}) has prevented the request from succeeding`
    return ['InternalError', message]
  }
  return [
    '',
    `the server responded with the status code ${code} but did not return more information`,
  ]
}
