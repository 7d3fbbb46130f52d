import { EventEmitter } from 'node:events'
import { eventLoopTurn } from '@miniplane/api'
import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { binary, WebSocketChannels } from './web-socket-channels.js'

class FakeSocket extends EventEmitter {
  isPaused = false
  pause() {
    this.isPaused = true
  }
  resume() {
    this.isPaused = false
  }
}

it('a client waits for a channel that has no room, whatever it says on another', async () => {
  const socket = new FakeSocket()
  const channels = new WebSocketChannels(socket as unknown as WebSocket, binary(''))
  const [full, other] = [channels.source(0), channels.source(4)]
  socket.emit('message', Buffer.alloc(300 * 1024))
  socket.emit('message', Buffer.of(4, 1))
  socket.emit('message', Buffer.of(0))
  await eventLoopTurn()
  expect([other.queuedBytes, socket.isPaused]).toEqual([1, true])
  for await (const bytes of full) {
    expect(bytes.length).toBe(300 * 1024 - 1)
    break
  }
  await eventLoopTurn()
  expect(socket.isPaused).toBe(false)
})
