// One durable member in this process, without a network: what a put costs above the transport (codec,
// proposal, log, apply, index), of an empty store and beside 1,000,000 keys, and how long others wait
// for a turn while all of those are saved, hashed, backed up and compacted.
//
//   --keys=N    instead of 1,000,000
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNodeDisk } from '../packages/store/dist/disk/node-disk.js'
import { openMember } from '../packages/store/dist/node/member.js'
import { noPeers } from '../packages/store/dist/peer/no-peers.js'
import { systemClock } from '../packages/store/dist/server/system-clock.js'
import { systemRandom } from '../packages/store/dist/server/system-random.js'
import { longestTurns } from './lib/turns.mjs'

const flag = process.argv.find((argument) => argument.startsWith('--keys='))
const KEYS = Number(flag?.split('=')[1] ?? 1_000_000)
const KEYS_A_TXN = 500
const value = Buffer.alloc(256, 'v')
const keyOf = (n) => `page/${String(n).padStart(7, '0')}`

const members = [
  { id: 1n, name: 'a', peerUrls: ['http://a:2380'], clientUrls: [], isLearner: false },
]

function open(folder) {
  return openMember({
    name: 'a',
    clientUrls: [],
    clock: systemClock,
    random: systemRandom,
    openTransport: () => noPeers,
    disk: openNodeDisk(folder),
    limits: { quotaBytes: 8 * 1024 ** 3, txnOpsMax: KEYS_A_TXN },
    bootstrap: async () => ({ memberId: 1n, clusterId: 1n, isNewCluster: true, members }),
  })
}

const row = (what, ...columns) =>
  console.log(what.padEnd(44) + columns.map((column) => column.padStart(16)).join(''))

/** Writes keys of its own, and prints what each put took of all cores. */
async function puts(member, clients, count) {
  const latencies = []
  const cpuBefore = process.cpuUsage()
  const begin = performance.now()
  let n = 0
  const client = async () => {
    while (n < count) {
      const sent = performance.now()
      await member.client.put(`registry/pods/default/pod-${n++ % 10_000}`, value)
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const ms = performance.now() - begin
  const { user, system } = process.cpuUsage(cpuBefore)
  const p50 = latencies.toSorted((a, b) => a - b)[latencies.length >> 1]
  row(
    `puts of 256 B, ${clients} clients`,
    `${((user + system) / count).toFixed(1)} µs CPU`,
    `p50 ${(p50 * 1000).toFixed(0)} µs`,
    `${((count * 1000) / ms).toFixed(0)}/s`,
  )
}

async function fill(member, from, to) {
  for (let n = from; n < to; n += KEYS_A_TXN) {
    const success = Array.from({ length: Math.min(KEYS_A_TXN, to - n) }, (_, i) => ({
      type: 'put',
      key: keyOf(n + i),
      value: Buffer.from(value),
    }))
    await member.client.txn({ success })
  }
}

async function pauses(member) {
  const { maintenance } = member.server
  const timed = async (what, work) => {
    const { tookMs, program, collector } = await longestTurns(work)
    row(what, `${program.toFixed(1)} ms`, `${collector.toFixed(1)} ms`, `${tookMs.toFixed(0)} ms`)
  }
  row('', 'longest turn', 'with GC', 'took')
  await timed('state saved (defragment)', () => maintenance.defragment({}))
  await timed('hashKV', () => maintenance.hashKv(0, {}))
  await timed('hash', () => maintenance.hash({}))
  await timed('backup', async () => {
    const { chunks } = await maintenance.snapshot({})
    for await (const chunk of chunks) if (chunk.length === 0) throw new Error('an empty chunk')
  })
  await fill(member, 0, KEYS / 5)
  await timed(`compaction of ${KEYS / 5} revisions`, () => {
    const { revision } = member.machine.mvcc
    return member.client.compact(revision, { physical: true })
  })
}

const folder = mkdtempSync(join(tmpdir(), 'bench-member-'))
const member = await open(join(folder, 'data'))
await puts(member, 64, 20_000) // the compilers warm up
console.log('\nan empty store')
for (const clients of [1, 64, 256]) await puts(member, clients, clients === 1 ? 1000 : 40_000)
await fill(member, 0, KEYS)
await member.server.maintenance.defragment({})
console.log(`\nbeside ${KEYS} keys`)
for (const clients of [1, 64, 256]) await puts(member, clients, clients === 1 ? 1000 : 40_000)
console.log()
await pauses(member)
await member.close()
rmSync(folder, { recursive: true })
