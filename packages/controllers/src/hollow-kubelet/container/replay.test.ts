import { eventLoopTurn, ManualClock } from '@miniplane/api'
import { expect, it } from 'vitest'
import { FileSystem } from './file-system.js'
import { replay } from './replay.js'

it('all who print at once come to their end, however slowly it is read', async () => {
  const clock = new ManualClock()
  const inside = {
    files: new FileSystem(1024, clock.now()),
    env: new Map<string, string>(),
    hostname: 'web',
    directory: '/',
    command: ['sh', '-c', 'seq 2000 & seq 2000 & seq 2000 & wait'],
  }
  const span = { fromMs: clock.now(), endMs: undefined, follows: false }
  let count = 0
  for await (const _ of replay(inside, span, clock, new AbortController().signal))
    if (++count % 100 === 0) await eventLoopTurn()
  expect(count).toBe(6000)
})
