import { once } from 'node:events'
import { connect } from 'node:http2'
import { framed } from './grpc-load.mjs'

const WINDOW_BYTES = 64 * 1024 * 1024

/** Calls `onMessage` with every message of a stream of gRPC frames. */
function splitter(onMessage) {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= 5) {
      const end = at + 5 + rest.readUInt32BE(at + 1)
      if (end > rest.length) break
      onMessage(rest.subarray(at + 5, end))
      at = end
    }
    rest = rest.subarray(at)
  }
}

/**
 * Watches on some connections, all on one stream of each. `seen(mark)` resolves once every watch
 * was sent an event with these bytes. Nothing is decoded: whoever receives costs less than who sends.
 */
export class GrpcWatchers {
  #sessions = []
  #count = 0
  #seen = 0
  #mark
  #onAll

  static async open(url, { connections, watchesEach, create }) {
    const watchers = new GrpcWatchers()
    watchers.#count = connections * watchesEach
    const created = []
    for (let i = 0; i < connections; i++) created.push(watchers.#open(url, watchesEach, create))
    await Promise.all(created)
    return watchers
  }

  async #open(url, watches, create) {
    const session = connect(url, { settings: { initialWindowSize: WINDOW_BYTES } })
    this.#sessions.push(session)
    await once(session, 'connect')
    session.setLocalWindowSize(WINDOW_BYTES)
    const stream = session.request({
      ':method': 'POST',
      ':path': '/etcdserverpb.Watch/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    stream.on('error', () => stream.destroy())
    for (let i = 0; i < watches; i++) stream.write(framed(create))
    let messages = 0
    await new Promise((resolve) => {
      stream.on(
        'data',
        splitter((message) => {
          if (++messages === watches) resolve()
          if (this.#mark !== undefined && message.includes(this.#mark)) this.#sawOne()
        }),
      )
    })
  }

  #sawOne() {
    if (++this.#seen === this.#count) this.#onAll()
  }

  seen(mark) {
    this.#mark = mark
    this.#seen = 0
    return new Promise((resolve) => {
      this.#onAll = resolve
    })
  }

  close() {
    for (const session of this.#sessions) session.destroy()
  }
}
