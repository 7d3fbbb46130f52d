import type { ApiHandler, EncodedWatchEvent, WatchSource } from '@miniplane/api'
import { expect, it } from 'vitest'
import { inProcessTransport } from './in-process-transport.js'

const over = (events: WatchSource) => {
  const handler: ApiHandler = async () => ({
    status: 200,
    headers: {},
    body: { kind: 'watch', events },
  })
  return inProcessTransport(handler, { token: 'x', userAgent: 'test' })
}

const request = { method: 'GET', path: '/api/v1/pods' }
const event = { type: 'ERROR', object: { metadata: {} } } as unknown as EncodedWatchEvent

it('tells of a watch that ends before anybody could stop it', async () => {
  const seen: string[] = []
  const transport = over({
    subscribe(sink) {
      sink.onEvents([event])
      sink.onEnd()
      return () => {}
    },
  })
  const stop = await transport.watch(request, {
    onEvents: (events) => seen.push(...events.map(({ type }) => type)),
    onEnd: (error) => seen.push(`end ${error}`),
  })
  stop()
  transport.close()
  expect(seen).toEqual(['ERROR', 'end undefined'])
})

it('ends what is open when it is closed, each once', async () => {
  let stopped = 0
  let ended = 0
  const transport = over({
    subscribe: () => () => {
      stopped++
    },
  })
  const onEnd = () => {
    ended++
  }
  const stop = await transport.watch(request, { onEvents() {}, onEnd })
  await transport.watch(request, { onEvents() {}, onEnd })
  transport.close()
  stop()
  expect({ stopped: stopped >= 2, ended }).toEqual({ stopped: true, ended: 2 })
})
