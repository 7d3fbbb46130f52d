// The embedded store alone: no API server, no network. A put costs its validation, the key index,
// the history and the delivery to watchers; the aim is at most 5 µs, that is 200,000 puts/s.
import { openEmbeddedStore, prefixRange } from '@miniplane/store'
import { report } from './lib/statistics.mjs'

const BAR = '≥ 200,000/s'
const KEYS = 200_000
const MILLION = 1_000_000
const RUNS = 4
const value = new Uint8Array(256)
const clock = { now: () => Date.now(), setTimer: () => ({ cancel() {} }) }
const keyOf = (n) => `/registry/pods/default/pod-${n}`
let seen = 0
const observer = {
  onBatch: ({ events }) => {
    seen += events.length
  },
  onEnd() {},
}

const open = () => openEmbeddedStore({ clock })

/** Operations a second of `operation(n)`, `count` times, run by run. */
async function rates(count, operation) {
  const all = []
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now()
    for (let n = 0; n < count; n++) await operation(n, run)
    all.push((count * 1000) / (performance.now() - start))
  }
  return all
}

async function milliseconds(operation) {
  const start = performance.now()
  await operation()
  return performance.now() - start
}

const perSecond = (what, values, bar = '(none yet)') => report(what, values, bar, '/s')
const inMs = (what, values, bar = '(none yet)') => report(what, values, bar, 'ms')

async function puts() {
  const store = open()
  store.client.subscribe(prefixRange('/registry/pods/'), observer, { prevKv: true })
  perSecond(
    'puts with a watcher, new keys',
    await rates(KEYS, (n, run) => store.client.put(keyOf(run * KEYS + n), value)),
    BAR,
  )
  perSecond(
    'puts with a watcher, keys that exist',
    await rates(KEYS, (n) => store.client.put(keyOf(n), value)),
    BAR,
  )
  const { header, keyCount } = await store.client.status()
  console.log(`  ${keyCount} keys, ${header.revision} revisions, ${seen} events`)
  await compaction(store, header.revision)
}

/** In slices: others have their turn in between. */
async function compaction(store, revision) {
  let longest = 0
  let last = performance.now()
  const tick = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 0)
  const took = await milliseconds(() => store.client.compact(revision, { physical: true }))
  clearInterval(tick)
  inMs('compaction of all that, in slices', [took])
  inMs('longest pause meanwhile', [longest], '≤ 10 ms')
}

/** What must not become slow with the number of keys. */
async function millionKeys() {
  const store = open()
  const put = (n) => store.client.put(`/registry/pods/ns-${n % 1000}/pod-${n}`, value)
  const start = performance.now()
  for (let n = 0; n < MILLION; n++) await put(n)
  perSecond('puts, up to 1,000,000 keys', [(MILLION * 1000) / (performance.now() - start)])
  const all = { ...prefixRange('/registry/pods/'), limit: 500 }
  const past = { ...all, revision: MILLION - 1000 }
  inMs('page of 500 of 1,000,000 keys', await times(20, () => store.client.range(all)))
  inMs('the same, 1,000 revisions ago', await times(20, () => store.client.range(past)))
  const { header } = await store.client.deleteRange(prefixRange('/registry/pods/ns-'))
  await put(0)
  await compaction(store, header.revision + 1)
}

async function times(count, operation) {
  const all = []
  for (let n = 0; n < count; n++) all.push(await milliseconds(operation))
  return all
}

/** As the API server writes: compares the mod revision, puts, or reads what is there instead. */
async function transactions() {
  const store = open()
  for (let n = 0; n < 60; n++) store.client.subscribe(prefixRange(`/registry/r${n}/`), observer)
  store.client.subscribe(prefixRange('/registry/pods/'), observer, { prevKv: true })
  const revisions = new Array(KEYS).fill(0)
  const write = async (n) => {
    const key = keyOf(n)
    const { header } = await store.client.txn({
      compare: [{ key, target: 'mod', op: '=', operand: revisions[n] }],
      success: [{ type: 'put', key, value }],
      failure: [{ type: 'range', key }],
    })
    revisions[n] = header.revision
  }
  perSecond('transactions with 61 watchers', await rates(KEYS, write))
}

async function fanOut() {
  const same = open()
  for (let n = 0; n < 10_000; n++) same.client.subscribe(prefixRange('/registry/pods/'), observer)
  const delivered = await rates(200, (n) => same.client.put(keyOf(n), value))
  perSecond(
    'deliveries to 10,000 watchers of one prefix',
    delivered.map((rate) => rate * 10_000),
  )
  const apart = open()
  for (let n = 0; n < 10_000; n++) {
    const range = n % 2 ? { key: keyOf(n) } : prefixRange(`/registry/pods/ns-${n}/`)
    apart.client.subscribe(range, observer)
  }
  perSecond(
    'puts with 10,000 watchers, each of its own keys',
    await rates(KEYS, (n) => apart.client.put(`/registry/pods/ns-${n % 10_000}/pod`, value)),
  )
}

async function reads() {
  const store = open()
  for (let n = 0; n < KEYS; n++) await store.client.put(keyOf(n), value)
  perSecond('ranges of one key', await rates(KEYS, (n) => store.client.range({ key: keyOf(n) })))
  const all = prefixRange('/registry/pods/')
  inMs(`range of ${KEYS} keys`, [await milliseconds(() => store.client.range(all))])
  perSecond('pages of 500 keys', await rates(500, () => store.client.range({ ...all, limit: 500 })))
  inMs('clone', [await milliseconds(async () => store.clone({ clock }))])
}

await puts()
await transactions()
await fanOut()
await reads()
await millionKeys()
