import { type ApiRequest, goQuote } from '@miniplane/api'
import { queryBoolean } from '../negotiation/query.js'

/** What a request asks for. Nobody after this stage takes a URL apart. */
export interface RequestInfo {
  readonly isResource: boolean
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for paths
   * that are no resources the method in lower case. */
  readonly verb: string
  readonly path: string
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** Of a list, a watch or the deletion of a collection, as the query has it; else empty. */
  readonly fieldSelector: string
  /** Unescaped segments from the resource on: `['pods', 'p', 'proxy', 'index.html']`. */
  readonly parts: readonly string[]
}

/** A URL that no answer of the API could be about: said in plain text, before anybody is asked. */
export class UnreadableUrl extends Error {
  override readonly name = 'UnreadableUrl'
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize'])
const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Source: the URL forms in Kubernetes' API concepts, "Resource URIs". */
export function requestInfoOf(request: ApiRequest): RequestInfo {
  const { path, method } = request
  const parts = segmentsOf(path)
  const isGrouped = parts[0] === 'apis'
  const prefixLength = isGrouped ? 3 : 2
  if ((parts[0] !== 'api' && !isGrouped) || parts.length <= prefixLength) {
    return nonResource(path, method)
  }
  const group = isGrouped ? (parts[1] ?? '') : ''
  const version = parts[prefixLength - 1] ?? ''
  let rest = parts.slice(prefixLength)
  let verb = VERBS[method] ?? ''
  if (rest[0] === 'watch' || rest[0] === 'proxy') {
    if (rest.length === 1)
      throw new UnreadableUrl(
        500,
        `Internal Server Error: ${goQuote(urlOf(request))}: failed to create RequestInfo: unable to determine kind and namespace from url, ${urlOf(request)}\n`,
      )
    verb = rest[0]
    rest = rest.slice(1)
  }
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? ''
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? '')) rest = rest.slice(2)
  }
  let name = rest[1] ?? ''
  if (name === '') {
    if (verb === 'get') verb = queryBoolean(request.query, 'watch') ? 'watch' : 'list'
    else if (verb === 'delete') verb = 'deletecollection'
  }
  let fieldSelector = ''
  if (name === '' && (verb === 'list' || verb === 'watch' || verb === 'deletecollection')) {
    fieldSelector = request.query.get('fieldSelector') ?? ''
    if (verb !== 'deletecollection') name = nameSelectedBy(fieldSelector)
  }
  return {
    isResource: true,
    verb,
    path,
    group,
    version,
    namespace,
    resource: rest[0] ?? '',
    subresource: rest[2] ?? '',
    name,
    fieldSelector,
    parts: rest,
  }
}

function nonResource(path: string, method: string): RequestInfo {
  return {
    isResource: false,
    verb: method.toLowerCase(),
    path,
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    fieldSelector: '',
    parts: [],
  }
}

/** Between slashes, once escapes are gone; those at both ends count for nothing. */
function segmentsOf(path: string): string[] {
  const plain = (path.includes('%') ? unescaped(path) : path).replace(/^\/+|\/+$/g, '')
  return plain === '' ? [] : plain.split('/')
}

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/

function unescaped(path: string): string {
  if (BROKEN_ESCAPE.test(path)) throw new UnreadableUrl(400, '400 Bad Request')
  const bytes = path.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

const urlOf = ({ path, query }: ApiRequest): string =>
  query.size === 0 ? path : `${path}?${query.toString()}`

/** `metadata.name=x` narrows a list to one name; authorization decides about that name then. */
function nameSelectedBy(fieldSelector: string): string {
  if (!fieldSelector.includes('metadata.name=')) return ''
  for (const term of fieldSelector.split(',')) {
    const match = /^metadata\.name==?([^=!].*)$/.exec(term)
    if (match?.[1]) return match[1]
  }
  return ''
}
