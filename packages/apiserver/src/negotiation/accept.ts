import { genericServerResponse, notAcceptable, StatusError } from '@miniplane/api'

/** How an answer is to be written. */
export interface Representation {
  readonly format: 'json' | 'yaml'
  /** Turned into another kind first. */
  readonly as?: {
    readonly kind:
      | 'Table'
      | 'PartialObjectMetadata'
      | 'PartialObjectMetadataList'
      | 'APIGroupDiscoveryList'
    readonly version: string
  }
  readonly isPretty: boolean
}

interface Clause {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

const SUPPORTED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const STREAMS = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
]

const PLAIN_JSON: Representation = { format: 'json', isPretty: false }

/** Which conversions an endpoint offers: what it accepts as `as`, `g` and `v`. */
export type Conversions = 'object' | 'discovery' | 'none'

/**
 * What the client wants, of what there is: JSON and YAML, and Tables or bare metadata of objects.
 * Throws 406 with the texts of the real server's two layers: the route's and the serializer's.
 */
export function negotiate(
  headers: Readonly<Record<string, string | undefined>>,
  query: URLSearchParams,
  conversions: Conversions,
  isListing = false,
): Representation {
  const accept = headers.accept
  const isPretty = wantsPretty(headers['user-agent'], query)
  if (!accept || accept === 'application/json' || accept === '*/*')
    return isPretty ? { ...PLAIN_JSON, isPretty } : PLAIN_JSON
  const clauses = parseAccept(accept)
  if (!clauses.some(({ type }) => type === '*/*' || SUPPORTED.includes(type)))
    throw routeNotAcceptable(isListing)
  for (const clause of clauses) {
    const representation = offer(clause, conversions)
    if (representation) return { ...representation, isPretty }
  }
  throw notAcceptable(`only the following media types are accepted: ${SUPPORTED.join(', ')}`)
}

function offer(
  { type, parameters }: Clause,
  conversions: Conversions,
): Omit<Representation, 'isPretty'> | undefined {
  if (type !== 'application/json' && type !== 'application/yaml' && type !== '*/*') return undefined
  const format = type === 'application/yaml' ? 'yaml' : 'json'
  const kind = parameters.get('as')
  if (!kind) return { format }
  const version = parameters.get('v') ?? ''
  const group = parameters.get('g') ?? ''
  if (conversions === 'discovery' && kind === 'APIGroupDiscoveryList')
    return group === 'apidiscovery.k8s.io' && version === 'v2'
      ? { format, as: { kind, version } }
      : undefined
  if (conversions !== 'object' || group !== 'meta.k8s.io') return undefined
  if (version !== 'v1' && version !== 'v1beta1') return undefined
  switch (kind) {
    case 'Table':
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return { format, as: { kind, version } }
    default:
      return undefined
  }
}

/** Clauses by falling quality, equal ones in their order. */
function parseAccept(accept: string): Clause[] {
  const clauses: Clause[] = []
  for (const part of accept.split(',')) {
    const [type = '', ...rest] = part.trim().split(';')
    const parameters = new Map<string, string>()
    for (const pair of rest) {
      const [name = '', value = ''] = pair.trim().split('=')
      parameters.set(name, value)
    }
    const quality = Number(parameters.get('q') ?? 1)
    if (type !== '') clauses.push({ type: type.trim(), parameters, quality })
  }
  return clauses.sort((a, b) => b.quality - a.quality)
}

function routeNotAcceptable(isListing: boolean): StatusError {
  const available = isListing ? [...SUPPORTED, ...STREAMS] : SUPPORTED
  const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`
  const { status } = genericServerResponse(406, '', { group: '', resource: '' }, '', message)
  return new StatusError({ ...status, message })
}

/** People read what curl and browsers show. */
function wantsPretty(userAgent: string | undefined, query: URLSearchParams): boolean {
  const pretty = query.get('pretty')
  if (pretty !== null) return pretty === '' || !/^(false|0)$/i.test(pretty)
  return userAgent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent)
}
