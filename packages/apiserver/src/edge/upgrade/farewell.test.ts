import { BrokenPipe, ManualClock } from '@miniplane/api'
import { expect, it, vi } from 'vitest'
import { sayFarewell } from './farewell.js'

it('a client that reads nothing is cut off', async () => {
  const clock = new ManualClock()
  const { promise, reject } = withReject()
  const over = sayFarewell(clock, promise, () => reject(new BrokenPipe()))
  clock.advance(60_000)
  expect(await Promise.race([over, 'waiting'])).toBe('waiting')
  clock.advance(240_000)
  await expect(over).rejects.toThrow(BrokenPipe)
})

it('one that has read all is not', async () => {
  const clock = new ManualClock()
  const cut = vi.fn()
  await sayFarewell(clock, Promise.resolve(), cut)
  clock.advance(600_000)
  expect(cut).not.toHaveBeenCalled()
})

function withReject() {
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<void>((_, no) => {
    reject = no
  })
  return { promise, reject: (error: Error) => reject(error) }
}
