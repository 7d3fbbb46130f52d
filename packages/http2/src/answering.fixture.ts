import type { RequestHead, ServerStream, StreamReceiver } from './stream.js'

const TEXT = Object.freeze(['content-type', 'text/plain'])

/** What happened to a stream, as a receiver was told. */
export type Told = (event: string) => void

/**
 * A server for tests, whose paths say what it does:
 * `/hello`, `/big/<bytes>`, `/echo` (the body, when it is there), `/stream` (each piece as it comes),
 * `/trailers`, `/early` (answers without waiting for the body), `/silent`, `/paused` (takes in no
 * body), `/reset`.
 */
export function answering(told: Told = () => {}) {
  return (stream: ServerStream, head: RequestHead): StreamReceiver => {
    const [, what = '', size = ''] = head.path.split('/')
    const body: Buffer[] = []
    if (what === 'early') stream.respond(200, TEXT, Buffer.from('early'), true)
    if (what === 'stream') stream.respond(200, TEXT)
    if (what === 'paused') stream.pause()
    if (what === 'reset') stream.reset(8)
    told(`${head.method} ${head.path}`)
    return {
      data(bytes) {
        told(`data ${bytes.length}`)
        if (what === 'stream') stream.write(bytes)
        else body.push(bytes)
      },
      end(trailers) {
        told(`end${trailers === undefined ? '' : ` ${trailers.join(' ')}`}`)
        if (what === 'hello') stream.respond(200, TEXT, Buffer.from('hello'), true)
        else if (what === 'big')
          stream.respond(200, TEXT, Buffer.alloc(Math.min(Number(size) || 0, 1e6), 'b'), true)
        else if (what === 'echo') stream.respond(200, TEXT, Buffer.concat(body), true)
        else if (what === 'stream') stream.end()
        else if (what === 'trailers') {
          stream.respond(200, TEXT, Buffer.from('body'))
          stream.end(['checked', 'yes'])
        } else if (what !== 'silent' && what !== 'paused') stream.respond(404, [], undefined, true)
      },
      drained: () => told('drained'),
      closed: (code) => told(`closed ${code ?? 'in peace'}`),
    }
  }
}
