import { joinedLines, type RequestHeaders } from '../edge-request.js'

/** What stands between a request line and the body of a request that asks for nothing special. */
export interface HeaderBlock {
  readonly headers: RequestHeaders
  readonly contentLength: number
}

const REQUEST_LINE = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/

/** Method and target; undefined for a line that is not of the usual form. */
export function parseRequestLine(line: string): { method: string; target: string } | undefined {
  const match = REQUEST_LINE.exec(line)
  return match ? { method: match[1] as string, target: match[2] as string } : undefined
}

// RFC 9110 §5.6.2 and §5.5; each line with its end.
const BLOCK = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/
/** Fields that change how the message is read or what becomes of the connection. */
const SPECIAL = new Set(['transfer-encoding', 'upgrade', 'expect', 'trailer', '__proto__'])
/** Fields that stand once; of any other, the values make a list. */
const SINGLE = new Set(['host', 'content-length', 'content-type', 'authorization', 'user-agent'])
const CONTENT_LENGTH = /^\d{1,15}$/

/**
 * The header fields of a request, names in lower case. Undefined when they are not well-formed, or
 * ask for more than to read a body of a known length and answer: that is somebody else's work.
 */
export function parseHeaderBlock(text: string): HeaderBlock | undefined {
  if (!BLOCK.test(text)) return undefined
  const headers: Record<string, string> = {}
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon < 0) continue // the end
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (SPECIAL.has(name)) return undefined
    const known = headers[name]
    if (known !== undefined && SINGLE.has(name)) return undefined
    headers[name] = known === undefined ? value : joinedLines(name, known, value)
  }
  const { host, connection, 'content-length': length = '0' } = headers
  if (host === undefined || !CONTENT_LENGTH.test(length)) return undefined
  if (connection !== undefined && !/^keep-alive$/i.test(connection)) return undefined
  return { headers, contentLength: Number(length) }
}
