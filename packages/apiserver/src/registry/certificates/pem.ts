/** A part of a text in PEM (RFC 7468). */
export interface PemBlock {
  readonly type: string
  readonly hasHeaders: boolean
  readonly bytes: Uint8Array
}

const BLOCK = /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([^-]*?)\r?\n?-----END \1-----/g

/** The blocks of a text, in order; what stands between them means nothing. */
export function pemBlocks(base64: string | undefined): PemBlock[] {
  const text = Buffer.from(base64 ?? '', 'base64').toString('latin1')
  return [...text.matchAll(BLOCK)].map(([, type = '', body = '']) => {
    const [head, rest] = body.includes(':') ? splitHeaders(body) : ['', body]
    return { type, hasHeaders: head !== '', bytes: Buffer.from(rest, 'base64') }
  })
}

/** Headers end at an empty line. */
function splitHeaders(body: string): [head: string, rest: string] {
  const end = /\r?\n\r?\n/.exec(body)
  return end ? [body.slice(0, end.index), body.slice(end.index + end[0].length)] : [body, '']
}
