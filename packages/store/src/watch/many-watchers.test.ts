import { expect, it } from 'vitest'
import { prefixRange } from '../client/key-range.js'
import { put } from '../client/store-fixture.js'
import { HeldClock } from '../clock.fixture.js'
import { openEmbeddedStore } from '../embedded.js'

const WATCHERS = 3000
const REVISIONS = 600

/** Which revisions a watcher has been given. */
class Progress {
  first = 0
  next = 0
  gaps = 0

  onBatch({ revision }: { readonly revision: number }): void {
    if (this.next === 0) this.first = revision
    else if (revision !== this.next) this.gaps++
    this.next = revision + 1
  }

  onEnd(): void {}
}

it('thousands read history at their own pace, and a live watcher is told at once', async () => {
  await using store = openEmbeddedStore({ clock: new HeldClock() })
  const { client } = store
  const first = await put(client, 'k')
  for (let n = 1; n < REVISIONS; n++) await put(client, 'k')
  const live = new Progress()
  client.subscribe(prefixRange('k'), live)
  const readers = Array.from({ length: WATCHERS }, (_, n) => {
    const startRevision = first + (n % REVISIONS)
    const progress = new Progress()
    const range = n % 2 ? { key: 'k' } : prefixRange('k')
    const subscription = client.subscribe(range, progress, { startRevision })
    // Every tenth reads nothing for now.
    if (n % 10 === 0) subscription.pause()
    return { n, startRevision, progress, subscription }
  })
  let last = 0
  for (let turns = 0; turns < 200; turns++) {
    last = await put(client, 'k')
    expect(live.next).toBe(last + 1)
    await new Promise(setImmediate)
  }
  const upToDate = () => readers.filter(({ progress }) => progress.next === last + 1).length
  expect(upToDate()).toBe(WATCHERS * 0.9)
  for (const { n, subscription } of readers) if (n % 10 === 0) subscription.resume()
  for (let turns = 0; turns < 200 && upToDate() < WATCHERS; turns++) {
    await new Promise(setImmediate)
  }
  expect(upToDate()).toBe(WATCHERS)
  for (const { progress, startRevision } of readers) {
    expect(progress).toMatchObject({ first: startRevision, gaps: 0 })
  }
})
