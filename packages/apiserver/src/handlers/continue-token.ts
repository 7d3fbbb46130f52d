import { badRequest, JsonSyntaxError, parseJson } from '@miniplane/api'

/** Where a chunked list goes on: in which revision, from which key on (below what is listed). */
export interface ContinueToken {
  /** Undefined: in the present, when the revision that the list began in is gone. */
  readonly revision: number | undefined
  readonly startKey: string
}

const VERSION = 'meta.k8s.io/v1'

export function encodeContinue(token: ContinueToken): string {
  const body = { v: VERSION, rv: token.revision ?? -1, start: `/${token.startKey}` }
  return Buffer.from(JSON.stringify(body)).toString('base64url')
}

/** Throws 400 with the real server's texts for what is no token of this server's making. */
export function decodeContinue(text: string): ContinueToken {
  const { v, rv, start } = parseToken(text)
  if (v !== VERSION) throw notValid(`server does not recognize this encoded version ${v}`)
  if (rv === 0) throw notValid(`incorrect encoded start resourceVersion (version ${VERSION})`)
  if (start === '') throw notValid(`encoded start key empty (version ${VERSION})`)
  // A key from outside must not lead out of the resource's own prefix.
  if (!isCleanPath(start)) throw notValid(start)
  return { revision: rv < 0 ? undefined : rv, startKey: start.replace(/^\//, '') }
}

const isCleanPath = (path: string): boolean => {
  const parts = path.replace(/^\//, '').split('/')
  return parts.every((part) => part !== '' && part !== '.' && part !== '..')
}

interface Token {
  readonly v: string
  readonly rv: number
  readonly start: string
}

function parseToken(text: string): Token {
  const wrongByte = base64Problem(text)
  if (wrongByte !== undefined) throw notValid(`illegal base64 data at input byte ${wrongByte}`)
  const bytes = Buffer.from(text, 'base64url')
  try {
    return checkedToken(parseJson(bytes).value, bytes.toString())
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw notValid(error.message)
  }
}

/** The position of the first byte that is none of unpadded base64, or of one that stands alone. */
function base64Problem(text: string): number | undefined {
  const wrong = text.search(/[^A-Za-z0-9_-]/)
  if (wrong >= 0) return wrong
  return text.length % 4 === 1 ? text.length - 1 : undefined
}

/**
 * As Go decodes it: names count in any case, what is missing or null is empty, and the first of
 * another type is named.
 */
function checkedToken(value: unknown, json: string): Token {
  if (typeof value !== 'object' || Array.isArray(value))
    throw mistyped(jsonTypeOf(value), 'Go value of type storage.continueToken')
  const entries = Object.entries(value ?? {}).map(
    ([name, one]) => [name.toLowerCase(), one] as const,
  )
  const field = (name: string, type: string) =>
    `Go struct field continueToken.${name} of type ${type}`
  for (const [name, one] of entries) {
    if (one === null) continue
    if ((name === 'v' || name === 'start') && typeof one !== 'string')
      throw mistyped(jsonTypeOf(one), field(name, 'string'))
    if (name !== 'rv' || (typeof one === 'number' && Number.isSafeInteger(one))) continue
    const [, digits = ''] = /"rv"\s*:\s*([-+.\w]+)/.exec(json) ?? []
    throw mistyped(
      typeof one === 'number' ? `number ${digits}` : jsonTypeOf(one),
      field(name, 'int64'),
    )
  }
  const { v, rv, start } = Object.fromEntries(entries)
  return { v: (v ?? '') as string, rv: (rv ?? 0) as number, start: (start ?? '') as string }
}

const jsonTypeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

const mistyped = (type: string, target: string) =>
  notValid(`json: cannot unmarshal ${type} into ${target}`)

const notValid = (problem: string) =>
  badRequest(`invalid continue token: continue key is not valid: ${problem}`)
