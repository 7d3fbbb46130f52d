import { genericServerResponse, notAcceptable, StatusError } from '@miniplane/api'
import { type MediaClause, parseAccept } from './media-clauses.js'

/** How an answer is to be written. */
export interface Representation {
  readonly format: Format
  /** Turned into another kind first. */
  readonly as?: TransformedKind
  /** JSON with line breaks and spaces, for people. */
  readonly isPretty: boolean
}

export type Format = 'json' | 'yaml' | 'protobuf'

export interface TransformedKind {
  readonly kind:
    | 'Table'
    | 'PartialObjectMetadata'
    | 'PartialObjectMetadataList'
    | 'APIGroupDiscoveryList'
  readonly version: string
}

export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
}

/** In the order in which a wildcard finds them. */
const FORMATS: readonly Format[] = ['json', 'yaml', 'protobuf']
const SUPPORTED = FORMATS.map((format) => MEDIA_TYPES[format])
const STREAMS = [`${MEDIA_TYPES.json};stream=watch`, `${MEDIA_TYPES.protobuf};stream=watch`]

const PLAIN_JSON: Representation = { format: 'json', isPretty: false }
const PRETTY_JSON: Representation = { format: 'json', isPretty: true }
const PLAIN_PROTOBUF: Representation = { format: 'protobuf', isPretty: false }

/**
 * Which conversions an endpoint offers: what it accepts as `as`, `g` and `v`. What is asked for and not
 * kept (reviews, tokens, bindings, evictions) is untabled: it has metadata and no columns.
 */
export type Conversions = 'object' | 'untabled' | 'discovery' | 'none'

type Headers = Readonly<Record<string, string | undefined>>

/**
 * What the client wants, of what there is: JSON, YAML and protobuf, and Tables or bare metadata of
 * objects. Throws 406 with the texts of the real server's two layers: the route's and the
 * serializer's.
 */
export function negotiate(
  headers: Headers,
  query: URLSearchParams,
  conversions: Conversions,
  isListing = false,
): Representation {
  const { accept } = headers
  const isPretty = wantsPretty(headers['user-agent'], query)
  if (!accept || accept === 'application/json' || accept === '*/*')
    return isPretty ? PRETTY_JSON : PLAIN_JSON
  if (accept === MEDIA_TYPES.protobuf) return PLAIN_PROTOBUF
  if (!hasRoute(accept, isListing)) throw routeNotAcceptable(isListing)
  return serialized(accept, conversions, isPretty)
}

/** The same where no route is asked: a document that has no other form. */
export function negotiateUnrouted(headers: Headers, query: URLSearchParams): Representation {
  return serialized(headers.accept || '*/*', 'none', wantsPretty(headers['user-agent'], query))
}

function serialized(accept: string, conversions: Conversions, isPretty: boolean): Representation {
  for (const clause of parseAccept(accept)) {
    const representation = offered(clause, conversions, isPretty)
    if (representation) return representation
  }
  throw notAcceptable(`only the following media types are accepted: ${SUPPORTED.join(', ')}`)
}

/**
 * How to write the aggregated discovery document, if the client takes that at all: however much it
 * would rather have the plain one.
 */
export function negotiateAggregated({ accept }: Headers): Representation | undefined {
  if (!accept?.includes('APIGroupDiscoveryList')) return undefined
  for (const clause of parseAccept(accept)) {
    const representation = offered(clause, 'discovery', false)
    if (representation?.as) return representation
  }
  return undefined
}

/** A watch is a stream of events, which YAML has no form for. Throws 406. */
export function negotiateStream(representation: Representation): Representation {
  if (representation.format !== 'yaml') return representation
  throw notAcceptable(`only the following media types are accepted: ${STREAMS.join(', ')}`)
}

/** Throws 406 when a route that writes one form alone is asked for another. */
export function checkAccepts(accept: string | undefined, available: readonly string[]): void {
  if (accept && !hasOneOf(accept, available)) throw notAcceptableOf(available)
}

/** Whether the route has one of the types, looked at without their parameters. */
function hasRoute(accept: string, isListing: boolean): boolean {
  return hasOneOf(accept, isListing ? [...SUPPORTED, ...STREAMS] : SUPPORTED)
}

const hasOneOf = (accept: string, available: readonly string[]): boolean =>
  accept.split(',').some((part) => {
    const type = (part.split(';', 1)[0] ?? '').trim()
    return type === '*/*' || available.includes(type)
  })

function offered(
  clause: MediaClause,
  conversions: Conversions,
  isPretty: boolean,
): Representation | undefined {
  for (const format of FORMATS) {
    if (!matches(clause, MEDIA_TYPES[format])) continue
    const as = transformation(clause.parameters, conversions, format)
    if (as === false || !acceptsStream(clause.parameters, conversions, format)) continue
    const pretty = format === 'json' && (isPretty || clause.parameters.get('pretty') === '1')
    return { format, isPretty: pretty, ...(as && { as }) }
  }
  return undefined
}

function matches({ type, subtype }: MediaClause, mediaType: string): boolean {
  if (type === '*') return subtype === '*'
  return type === 'application' && (subtype === '*' || `${type}/${subtype}` === mediaType)
}

/** YAML has no streams, and `sv` is for objects. */
function acceptsStream(
  parameters: ReadonlyMap<string, string>,
  conversions: Conversions,
  format: Format,
): boolean {
  const stream = parameters.get('stream')
  if (stream && (format === 'yaml' || stream !== 'watch')) return false
  const serverVersion = parameters.get('sv')
  return (
    !serverVersion ||
    ((conversions === 'object' || conversions === 'untabled') && serverVersion === 'v1')
  )
}

/** The kind that is asked for; undefined for the object as it is, false for one not on offer. */
function transformation(
  parameters: ReadonlyMap<string, string>,
  conversions: Conversions,
  format: Format,
): TransformedKind | undefined | false {
  const kind = parameters.get('as') ?? ''
  const group = parameters.get('g') ?? ''
  const version = parameters.get('v') ?? ''
  if (kind === '' && group === '' && version === '') return undefined
  switch (conversions) {
    case 'none':
      return false
    case 'discovery':
      return kind === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io' && version === 'v2'
        ? { kind, version }
        : false
    case 'object':
    case 'untabled':
      if (kind === 'Table' && conversions === 'untabled') return false
      return group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1')
        ? objectForm(kind, version, format)
        : false
  }
}

function objectForm(kind: string, version: string, format: Format): TransformedKind | false {
  switch (kind) {
    case 'Table':
      // The one kind of the API that has no message.
      return format === 'protobuf' ? false : { kind, version }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return { kind, version }
    default:
      return false
  }
}

const routeNotAcceptable = (isListing: boolean): StatusError =>
  notAcceptableOf(isListing ? [...SUPPORTED, ...STREAMS] : SUPPORTED)

function notAcceptableOf(available: readonly string[]): StatusError {
  const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`
  const { status } = genericServerResponse(406, '', { group: '', resource: '' }, '', message)
  return new StatusError({ ...status, message })
}

/** People read what curl and browsers show. */
function wantsPretty(userAgent: string | undefined, query: URLSearchParams): boolean {
  const pretty = query.get('pretty')
  if (pretty) return /^(1|t|T|TRUE|true|True)$/.test(pretty)
  return userAgent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent)
}
