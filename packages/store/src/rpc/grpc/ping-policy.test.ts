import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { HeldClock } from '../../clock.fixture.js'
import { type LocalListener, listenLocally } from '../local-listener.fixture.js'

/** Opens a stream that stays open, so that the connection has a call. */
async function openCall(session: ClientHttp2Session): Promise<void> {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/etcdserverpb.Watch/Watch',
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  stream.on('error', () => stream.destroy())
  // A watch that is created: the server has sent something.
  stream.write(Buffer.from('00000000050a030a0161', 'hex'))
  await once(stream, 'response')
}

const ping = (session: ClientHttp2Session) =>
  new Promise<boolean>((resolve) => {
    if (session.destroyed || session.closed) resolve(false)
    else session.ping((error) => resolve(error === null))
  })

async function withSession(
  clock: HeldClock,
  run: (session: ClientHttp2Session, listener: LocalListener) => Promise<void>,
): Promise<void> {
  await using listener = await listenLocally({ clock, keepaliveMinTimeMs: 5000 })
  const session = connect(`http://${listener.address}`)
  session.on('error', () => session.destroy())
  await openCall(session)
  await run(session, listener)
  session.destroy()
}

describe('pings', () => {
  it('of a client that asks too often end its connection', async () => {
    await withSession(new HeldClock(), async (session) => {
      const goaway = once(session, 'goaway')
      for (let i = 0; i < 5; i++) await ping(session)
      const [code, , data] = await goaway
      expect(code).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
      expect(String(data)).toBe('too_many_pings')
    })
  })

  it('of a client that takes its time are answered', async () => {
    const clock = new HeldClock()
    await withSession(clock, async (session) => {
      for (let i = 0; i < 10; i++) {
        expect(await ping(session)).toBe(true)
        clock.advance(5000)
      }
    })
  })

  it('of a client that is being sent something are answered', async () => {
    await withSession(new HeldClock(), async (session, { server }) => {
      for (let i = 0; i < 20; i++) {
        await server.client.put('a', Buffer.alloc(1000))
        expect(await ping(session)).toBe(true)
      }
    })
  })
})
