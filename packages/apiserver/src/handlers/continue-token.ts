import { badRequest, JsonSyntaxError, parseJson } from '@miniplane/api'

/** Where a chunked list goes on: in which revision, after which key (below the resource's prefix). */
export interface ContinueToken {
  /** Undefined: in the present, when the revision that the list began in is gone. */
  readonly revision: number | undefined
  readonly afterKey: string
}

const VERSION = 'meta.k8s.io/v1'

export function encodeContinue(token: ContinueToken): string {
  const body = { v: VERSION, rv: token.revision ?? -1, start: `${token.afterKey}\0` }
  return Buffer.from(JSON.stringify(body)).toString('base64url')
}

/** `namespace` is the one that is listed, if it is one: the token's key is below it. */
export function decodeContinue(text: string): ContinueToken {
  const { v, rv, start } = parseToken(text)
  if (v !== VERSION)
    throw notValid(
      `server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`,
    )
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw notValid(`incorrect encoded start resourceVersion (version ${VERSION})`)
  if (typeof start !== 'string' || start === '')
    throw notValid(`encoded start key empty (version ${VERSION})`)
  // A key from outside must not lead out of the resource's own prefix.
  if (start.startsWith('/') || start.split('/').includes('..')) throw notValid(start)
  return { revision: rv < 0 ? undefined : rv, afterKey: start.replace(/\0$/, '') }
}

function parseToken(text: string): Record<string, unknown> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw notValid('illegal base64 data at input byte 0')
  try {
    const { value } = parseJson(Buffer.from(text, 'base64url'))
    return (value ?? {}) as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw notValid(error.message)
  }
}

const notValid = (problem: string) =>
  badRequest(`invalid continue token: continue key is not valid: ${problem}`)
