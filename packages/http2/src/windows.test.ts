import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answering } from './answering.fixture.js'
import { HeldClock, turns } from './clock.fixture.js'
import { decodeFrames, encodeFrame, literalBlock, requestFields, uint32 } from './frames.fixture.js'
import { Flag, FrameType, PREFACE } from './frames.js'
import { serveHttp2 } from './serve.js'
import { socketPair } from './socket-pair.fixture.js'

const initialWindow = (bytes: number) =>
  encodeFrame(FrameType.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(bytes)]))

type Step =
  | { readonly kind: 'grow'; readonly stream: number; readonly bytes: number }
  | { readonly kind: 'settings'; readonly bytes: number }
  | { readonly kind: 'network'; readonly isStuck: boolean }

/** A client that keeps account of what it allows and what it gets. */
class Accountant {
  readonly #client
  readonly #server
  readonly #sizes: readonly number[]
  #windows: number[]
  #connection = 65_535
  #initial = 65_535
  #rest: Buffer = Buffer.alloc(0)
  readonly got: number[]
  readonly ended = new Set<number>()
  readonly problems: string[] = []

  constructor(sizes: readonly number[]) {
    const [client, server] = socketPair()
    this.#client = client
    this.#server = server
    this.#sizes = sizes
    this.#windows = sizes.map(() => this.#initial)
    this.got = sizes.map(() => 0)
    client.on('data', (chunk: Buffer) => this.#hear(chunk))
    serveHttp2(server, { clock: new HeldClock() }, answering())
    client.write(PREFACE)
  }

  #hear(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#rest, chunk])
    const { frames, end } = decodeFrames(bytes)
    this.#rest = bytes.subarray(end)
    for (const { type, flags, streamId, payload } of frames) {
      if (type === FrameType.goaway) this.problems.push(String(payload.subarray(8)))
      if (streamId === 0) continue
      const i = (streamId - 1) / 2
      if (flags & Flag.endStream) this.ended.add(i)
      if (type !== FrameType.data) continue
      this.#connection -= payload.length
      this.#windows[i] = (this.#windows[i] ?? 0) - payload.length
      this.got[i] = (this.got[i] ?? 0) + payload.length
      const left = Math.min(this.#connection, this.#windows[i] ?? 0)
      if (payload.length > 0 && left < 0) this.problems.push(`${-left} bytes too many`)
    }
  }

  /** Not while something may be on its way that a larger window allowed. */
  settings(bytes: number): void {
    if (this.#server.isStuck) return
    this.#windows = this.#windows.map((window) => window + bytes - this.#initial)
    this.#initial = bytes
    this.#client.write(initialWindow(bytes))
  }

  request(): void {
    this.#sizes.forEach((size, i) => {
      const block = literalBlock(requestFields('GET', `/big/${size}`))
      const flags = Flag.endStream | Flag.endHeaders
      this.#client.write(encodeFrame(FrameType.headers, flags, 2 * i + 1, block))
    })
  }

  /** Stream -1 is the connection. */
  grow(i: number, bytes: number): void {
    if (i < 0) this.#connection += bytes
    else if (this.ended.has(i)) return
    else this.#windows[i] = (this.#windows[i] ?? 0) + bytes
    this.#client.write(
      encodeFrame(FrameType.windowUpdate, 0, Math.max(2 * i + 1, 0), uint32(bytes)),
    )
  }

  network(isStuck: boolean): void {
    if (isStuck) this.#server.isStuck = true
    else this.#server.unstick()
  }

  close(): void {
    this.#client.destroy()
  }
}

it('a client gets all that it asked for, and never more than it allowed', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      kind: fc.constant('grow' as const),
      stream: fc.integer({ min: -1, max: 4 }),
      bytes: fc.integer({ min: 1, max: 50_000 }),
    }),
    fc.record({ kind: fc.constant('settings' as const), bytes: fc.nat({ max: 80_000 }) }),
    fc.record({ kind: fc.constant('network' as const), isStuck: fc.boolean() }),
  )
  const sizes = fc.array(fc.nat({ max: 100_000 }), { minLength: 5, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat({ max: 1000 }), fc.array(step), async (all, first, steps) => {
      const client = new Accountant(all)
      client.settings(first)
      client.request()
      await turns(2)
      for (const one of steps) {
        if (one.kind === 'grow') client.grow(one.stream, one.bytes)
        else if (one.kind === 'settings') client.settings(one.bytes)
        else client.network(one.isStuck)
        await turns(2)
      }
      client.network(false)
      client.grow(-1, 1_000_000)
      client.settings(200_000)
      await turns(10)
      expect(client.problems).toEqual([])
      expect(client.got).toEqual(all)
      expect(client.ended.size).toBe(all.length)
      client.close()
    }),
    { numRuns: 150 },
  )
})
