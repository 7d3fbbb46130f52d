import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RealEtcd } from '../judges/real-etcd.fixture.js'
import { type LocalListener, listenLocally } from './local-listener.fixture.js'
import { type CtlOptions, etcdctl, programPath, type Transcript } from './programs.fixture.js'

/**
 * The real etcdctl says the same of us as of a real etcd. One story, since each command's answer
 * depends on those before it. `LEASE` is the id of the lease that the story granted.
 */
const STORY: readonly (string | readonly [command: string, stdin: string])[] = [
  'put a 1',
  'put b 2',
  'put c 3',
  'put a 4 --prev-kv',
  'get a',
  'get a -w fields',
  'get a -w json',
  'get --prefix=true ""',
  'get a c',
  'get --from-key b',
  'get a --print-value-only',
  'get --prefix "" --keys-only',
  'get --prefix "" --limit 1',
  'get --prefix "" --order DESCEND --sort-by VALUE',
  'get --prefix "" --order ASCEND --sort-by MODIFY',
  'get a --rev 2',
  'get a --rev 99',
  'get a --consistency s',
  'get nothing',
  'put "" x',
  'put zz --ignore-value',
  'put a --ignore-value',
  'put a v --ignore-lease',
  'put a v --lease 1234',
  'del a --prev-kv',
  'del zz',
  ['txn', 'mod("k") = "0"\n\nput k v\nget k\n\nget k\n\n'],
  ['txn', 'value("k") = "v"\n\ndel k\nput k2 x\n\nget k\n\n'],
  ['txn', 'value("missing") = "v"\n\nput k 1\n\nput k 2\n\n'],
  ['txn', '\n\nput k a\nput k b\n\n\n'],
  ['txn -w json', 'create("k") > "0"\n\nget k\ndel --prefix k\n\n\n'],
  'lease grant 100 -w fields',
  'lease grant 4660 -w json',
  'put leased x --lease=LEASE',
  'lease timetolive LEASE --keys',
  'lease list',
  'lease keep-alive --once LEASE',
  'lease revoke LEASE',
  'lease revoke LEASE',
  'lease timetolive LEASE',
  'lease keep-alive --once LEASE',
  'get leased',
  'lease grant 0',
  'lease grant 99999999999',
  'compaction 5',
  'compaction 5',
  'compaction 999',
  'get a --rev 3',
  'compaction 6 --physical',
  'watch w --rev 3',
  'endpoint health',
  'member remove 1234',
  'member promote 1234',
  'alarm list',
  'alarm disarm',
  'defrag',
  'move-leader 1234',
  'user list',
  'role list',
  'lock held -- echo locked',
  'del --prefix ""',
]

const withoutCtl = programPath('etcdctl') === undefined || programPath('etcd') === undefined

describe.skipIf(withoutCtl)('etcdctl, on us and on a real etcd', () => {
  let ours: LocalListener
  let theirs: RealEtcd
  const told = { ours: [] as Transcript[], theirs: [] as Transcript[] }

  beforeAll(async () => {
    ours = await listenLocally()
    theirs = await RealEtcd.start(programPath('etcd') ?? '')
    const [a, b] = await Promise.all([tell(ours.address), tell(theirs.url.slice(7))])
    told.ours = a
    told.theirs = b
  }, 60_000)

  afterAll(async () => {
    await ours[Symbol.asyncDispose]()
    await theirs[Symbol.asyncDispose]()
  })

  it.each(STORY.map((step, i) => [i, typeof step === 'string' ? step : step.join(' <<< ')]))(
    '%i: %s',
    (i) => {
      expect(told.ours[Number(i)]).toEqual(told.theirs[Number(i)])
    },
  )
})

async function tell(address: string): Promise<Transcript[]> {
  const told: Transcript[] = []
  let lease = ''
  for (const step of STORY) {
    const [command, stdin] = typeof step === 'string' ? [step, ''] : step
    const options: CtlOptions = { stdin, forMs: 5000 }
    const { exit, output } = await etcdctl(address, wordsOf(command, lease), options)
    if (command.startsWith('lease grant')) lease = leaseIn(output) ?? lease
    told.push({ exit, output: normalized(output, lease, address) })
  }
  return told
}

const wordsOf = (command: string, lease: string): string[] =>
  command.split(' ').map((word) => (word === '""' ? '' : word.replace('LEASE', lease)))

/** From `--write-out=json`: etcdctl reads ids in hex. */
function leaseIn(output: string): string | undefined {
  const [, id] = /"ID":(\d+)/.exec(output) ?? []
  return id === undefined ? undefined : BigInt(id).toString(16).padStart(16, '0')
}

const normalized = (output: string, lease: string, address: string): string =>
  output
    .replaceAll(address, 'ADDRESS')
    .replaceAll(lease === '' ? '\0' : lease, 'LEASE')
    .replace(/"ts":"[^"]*"/g, 'TS')
    .replace(/client-[0-9a-f-]{36}/g, 'CLIENT')
    .replace(/"(cluster_id|member_id|ID)":\d+/g, '"$1":N')
    .replace(/"(ClusterID|MemberID|ID)" : \d+/g, '"$1" : N')
    .replace(/\b[0-9a-f]{14,16}\b/g, 'HEX')
    .replace(/took = .*/, '')
    .replace(/remaining\(\d+s\)/, 'remaining')
