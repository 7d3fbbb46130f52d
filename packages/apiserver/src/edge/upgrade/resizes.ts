import type { TerminalSize } from '@miniplane/api'

/** Longer is no size of a terminal. */
const SIZE_BYTES_MAX = 1024

/** Reads `{"Width":80,"Height":24}`, one after the other; ends at what is none. */
export async function* readResizes(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<TerminalSize> {
  let text = ''
  for await (const bytes of source) {
    text += Buffer.from(bytes).toString('utf8')
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const size = sizeOf(text.slice(0, end + 1))
      text = text.slice(end + 1)
      if (!size) return
      yield size
    }
    if (text.length > SIZE_BYTES_MAX) return
  }
}

function sizeOf(text: string): TerminalSize | undefined {
  const width = /"width":\s*(\d{1,5})/i.exec(text)?.[1]
  const height = /"height":\s*(\d{1,5})/i.exec(text)?.[1]
  if (width === undefined && height === undefined) return undefined
  return { width: Number(width ?? 0), height: Number(height ?? 0) }
}
