import { describe, expect, it } from 'vitest'
import { type LocalListener, listenLocally } from './local-listener.fixture.js'
import { etcdctl, programPath } from './programs.fixture.js'

const put = (listener: LocalListener, key: string, value: string) =>
  listener.server.client.put(key, Buffer.from(value))

/** As many watchers as the fixture itself has not. */
const watchers = async ({ server }: LocalListener) =>
  (await server.client.status()).watcherCount - 1

describe.skipIf(programPath('etcdctl') === undefined)('etcdctl, on streams', () => {
  it('watches a prefix and says what was before', async () => {
    await using listener = await listenLocally()
    await put(listener, 'a1', 'before')
    const watched = etcdctl(listener.address, ['watch', 'a', '--prefix', '--prev-kv'], {
      forMs: 1500,
    })
    await expect.poll(() => watchers(listener)).toBe(1)
    await put(listener, 'a1', 'after')
    await put(listener, 'b', 'not watched')
    await listener.server.client.deleteRange({ key: 'a1' })
    const { output } = await watched
    expect(output.split('\n')).toEqual([
      'PUT',
      'a1',
      'before',
      'a1',
      'after',
      'DELETE',
      'a1',
      'after',
      'a1',
      '',
      '',
    ])
  })

  it('watches many keys interactively, from the past', async () => {
    await using listener = await listenLocally()
    await put(listener, 'a', '1')
    await put(listener, 'b', '2')
    const stdin = 'watch a --rev 2\nwatch b --rev 2\n'
    const { output } = await etcdctl(listener.address, ['watch', '-i'], {
      stdin,
      keepsStdinOpen: true,
      forMs: 1500,
    })
    expect(output).toContain('PUT\na\n1\n')
    expect(output).toContain('PUT\nb\n2\n')
  })

  it('says that history is gone', async () => {
    await using listener = await listenLocally()
    for (let i = 0; i < 5; i++) await put(listener, 'a', '1')
    await listener.server.client.compact(5)
    const { output, exit } = await etcdctl(listener.address, ['watch', 'a', '--rev', '2'])
    expect(output).toContain('required revision has been compacted')
    expect(exit).not.toBe(0)
  })

  it('locks in turn', async () => {
    await using listener = await listenLocally()
    const holder = etcdctl(listener.address, ['lock', 'l'], { forMs: 1200 })
    await expect
      .poll(async () => (await listener.server.client.range({ key: 'l/', rangeEnd: 'l0' })).count)
      .toBe(1)
    const next = await etcdctl(listener.address, ['lock', 'l', '--', 'echo', 'mine'])
    expect(next).toEqual({ exit: 0, output: 'mine\n' })
    expect((await holder).output).toMatch(/^l\/[0-9a-f]+\n+$/)
  })

  it('elects, and listens to who is elected', async () => {
    await using listener = await listenLocally()
    const candidate = etcdctl(listener.address, ['elect', 'e', 'me'], { forMs: 2000 })
    const audience = etcdctl(listener.address, ['elect', '--listen', 'e'], { forMs: 1800 })
    expect((await candidate).output).toMatch(/^e\/[0-9a-f]+\nme\n$/)
    expect((await audience).output).toMatch(/^e\/[0-9a-f]+\nme\n/)
  })

  it('keeps a lease alive', async () => {
    await using listener = await listenLocally()
    await listener.server.client.leaseGrant({ id: 0x1234n, ttlSeconds: 3 })
    const { output } = await etcdctl(listener.address, ['lease', 'keep-alive', '1234'], {
      forMs: 2500,
    })
    expect(output.match(/keepalived with TTL\(3\)/g)?.length).toBeGreaterThanOrEqual(2)
  })

  it('mirrors what is there and what comes', async () => {
    await using from = await listenLocally()
    await using to = await listenLocally()
    await put(from, 'a', '1')
    const mirror = etcdctl(from.address, ['make-mirror', to.address], { forMs: 2500 })
    await expect.poll(async () => (await to.server.client.range({ key: 'a' })).count).toBe(1)
    await put(from, 'b', '2')
    await from.server.client.deleteRange({ key: 'a' })
    await expect
      .poll(
        async () =>
          (await to.server.client.range({ key: '\0', rangeEnd: '\0' })).kvs.map(({ key }) => key),
        { timeout: 5000 },
      )
      .toEqual(['b'])
    await mirror
  })

  it('goes on watching after the server has come back', async () => {
    await using listener = await listenLocally()
    const watched = etcdctl(listener.address, ['watch', 'a'], { forMs: 1500 })
    await expect.poll(() => watchers(listener)).toBe(1)
    await listener.dropConnections()
    await expect.poll(() => watchers(listener)).toBe(1)
    await put(listener, 'a', 'after')
    expect((await watched).output).toBe('PUT\na\nafter\n')
  })
})
