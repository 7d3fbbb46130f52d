import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { etcdPath, RealEtcd } from '../judges/real-etcd.fixture.js'
import { etcdctl, programPath, type Transcript } from '../rpc/programs.fixture.js'
import { openTestEtcd, type TestEtcd } from './etcd.fixture.js'

/**
 * The real etcdctl says the same of our users as of a real etcd's. One story, since each command's
 * answer depends on those before it. Who asks is written as `name:password@`, nobody as nothing.
 */
const STORY: readonly (string | readonly [command: string, stdin: string])[] = [
  // Users
  'user add alice:a',
  'user add alice:a',
  'user add bob:b',
  'user add carol --no-password',
  ['user add dave --interactive=false', 'd\n'],
  'user add :x',
  'user get alice',
  'user get nobody',
  'user get alice -w json',
  'user list',
  'user list -w json',
  ['user passwd dave --interactive=false', 'dd\n'],
  ['user passwd nobody --interactive=false', 'x\n'],
  ['user passwd carol --interactive=false', 'x\n'],
  'user delete dave',
  'user delete dave',
  // Roles
  'role add reader',
  'role add reader',
  'role add writer',
  'role add lister',
  'role add ""',
  'role list',
  'role get nothing',
  'role get reader',
  'role grant-permission reader read a',
  'role grant-permission reader read a -w json',
  'role grant-permission reader readwrite a',
  'role grant-permission reader read b d',
  'role grant-permission reader read d f',
  'role grant-permission reader read z --from-key',
  'role grant-permission reader read pre --prefix',
  'role grant-permission reader write w/ --prefix',
  'role grant-permission reader read d b',
  'role grant-permission reader read ""',
  'role grant-permission reader read "" --prefix',
  'role grant-permission reader magic x',
  'role grant-permission nothing read x',
  'role get reader',
  'role get reader -w json',
  'role revoke-permission reader "" --prefix',
  'role revoke-permission reader "" --from-key',
  'role revoke-permission reader nothing',
  'role revoke-permission nothing a',
  'role revoke-permission reader z --from-key',
  'role get reader',
  'role grant-permission writer write "" --from-key',
  'role get writer',
  'role grant-permission lister read "" --from-key',
  // Who has which
  'user grant-role alice reader',
  'user grant-role alice reader',
  'user grant-role alice nothing',
  'user grant-role nobody reader',
  'user grant-role bob writer',
  'user get alice',
  'user get alice --detail',
  'user revoke-role alice writer',
  'user revoke-role nobody writer',
  'user grant-role bob reader',
  'user revoke-role bob reader',
  // Enabling
  'auth disable',
  'auth enable',
  'alice:a@get a',
  'user add root:r',
  'auth enable',
  'user grant-role root root',
  'role get root',
  'role add root',
  'role get root',
  'auth enable',
  'auth enable',
  'root:r@auth enable',
  // Nobody
  'get a',
  'put a 1',
  'del a',
  ['txn', 'mod("a") = "0"\n\nget a\n\n\n'],
  ['txn', '\n\nput a 1\n\n\n'],
  'user list',
  'role list',
  'user get alice',
  'role get reader',
  'auth disable',
  'user add eve:e',
  'user delete alice',
  'role add x',
  'compaction 1',
  'lease grant 1000 -w fields',
  'lease list',
  'endpoint health',
  'member list',
  'member add x --peer-urls=http://127.0.0.1:1',
  'member remove 1234',
  'member update 1234 --peer-urls=http://127.0.0.1:1',
  'member promote 1234',
  'move-leader 1234',
  'defrag',
  'endpoint hashkv',
  'snapshot save /dev/null',
  'alarm list',
  'lock l -- echo held',
  // Who is not whom they say they are
  'alice:wrong@get a',
  'nobody:x@get a',
  'carol:@get a',
  'carol:x@get a',
  // Keys
  'root:r@put a 1',
  'root:r@put b 2',
  'root:r@put e 3',
  'root:r@put w/x 4',
  'root:r@put secret 5',
  'alice:a@get a',
  'alice:a@put a 6',
  'alice:a@put a 7 --prev-kv',
  'alice:a@get b f',
  'alice:a@get b g',
  'alice:a@get c d',
  'alice:a@get secret',
  'alice:a@get "" --prefix',
  'alice:a@get pre --prefix',
  'alice:a@get prefixed',
  'alice:a@get b --keys-only',
  'alice:a@get b --consistency=s',
  'alice:a@put b 1',
  'alice:a@put w/x 8',
  'alice:a@put w/x 8 --prev-kv',
  'alice:a@del w/x --prev-kv',
  'alice:a@del w/x',
  'alice:a@del w/ --prefix',
  'alice:a@del b',
  'alice:a@get nothing',
  ['alice:a@txn', 'value("a") = "7"\n\nput a 8\nget b\n\nget e\n\n'],
  ['alice:a@txn', 'value("secret") = "7"\n\nget a\n\n\n'],
  ['alice:a@txn', '\n\nget a\n\nget secret\n\n'],
  ['alice:a@txn', '\n\nput a 9\nput b 9\n\n\n'],
  ['alice:a@txn', '\n\nget a\nget b\n\n\n'],
  ['alice:a@txn', '\n\ndel w/y\n\n\n'],
  'bob:b@put secret 6',
  'bob:b@get secret',
  'bob:b@put secret 7 --prev-kv',
  'bob:b@del secret --prev-kv',
  'bob:b@watch secret --rev 1',
  'alice:a@watch secret --rev 1',
  'alice:a@watch a --rev 1',
  // About oneself, and others
  'alice:a@user get alice',
  'alice:a@user get bob',
  'alice:a@user list',
  'alice:a@role get reader',
  'alice:a@role get writer',
  'alice:a@role list',
  'alice:a@user add eve:e',
  ['alice:a@user passwd alice --interactive=false', 'x\n'],
  'alice:a@auth disable',
  'alice:a@user grant-role alice root',
  'alice:a@role grant-permission reader read secret',
  'alice:a@endpoint health',
  'alice:a@member list',
  'alice:a@member add x --peer-urls=http://127.0.0.1:1',
  'alice:a@member remove 1234',
  'alice:a@defrag',
  'alice:a@snapshot save /dev/null',
  'alice:a@endpoint hashkv',
  'alice:a@alarm list',
  'alice:a@compaction 2',
  'root:r@endpoint hashkv',
  'root:r@member remove 1234',
  'root:r@move-leader 1234',
  'root:r@defrag',
  'root:r@alarm list',
  'root:r@endpoint health',
  // Leases
  'root:r@lease grant 1000 -w fields',
  'root:r@put secret 1 --lease=LEASE',
  'root:r@lease timetolive LEASE --keys',
  'alice:a@put a 1 --lease=LEASE',
  'bob:b@put other 1 --lease=LEASE',
  'alice:a@lease revoke LEASE',
  'lease revoke LEASE',
  'alice:a@lease keep-alive --once LEASE',
  'alice:a@lease timetolive LEASE',
  'alice:a@lease list',
  'bob:b@lease revoke LEASE',
  'lease grant 1000 -w fields',
  'lease revoke LEASE',
  'alice:a@lock a -- echo held',
  'root:r@lock a -- echo held',
  // Root stays, as long as it is needed
  'root:r@user delete root',
  'root:r@user revoke-role root root',
  'root:r@role delete root',
  // What is revoked is gone at once
  'root:r@role revoke-permission reader a',
  'alice:a@get a',
  'root:r@role delete reader',
  'root:r@user get alice',
  'alice:a@get b',
  'root:r@user grant-role alice root',
  'alice:a@get secret',
  'alice:a@user list',
  'root:r@user delete alice',
  'alice:a@get b',
  ['root:r@user passwd bob --interactive=false', 'new\n'],
  'bob:b@put b 1',
  'bob:new@put b 1',
  'root:r@auth disable',
  'root:r@auth disable',
  'bob:new@put b 1',
  'get b',
  'put b 2',
  'role delete root',
  'user get root',
  'user revoke-role root root',
  'user delete root',
  'auth enable',
]

/** What etcd refuses since 3.6, and 3.4 does not. */
const NEWER: Readonly<Record<string, string>> = {
  'move-leader 1234': 'Error: etcdserver: user name is empty',
  'alice:a@lease list': 'Error: etcdserver: permission denied',
}

const isWithoutJudge = programPath('etcdctl') === undefined || etcdPath() === undefined

describe.skipIf(isWithoutJudge)('users and roles, on us and on a real etcd', () => {
  let ours: TestEtcd
  let theirs: RealEtcd
  const told = { ours: [] as Transcript[], theirs: [] as Transcript[] }

  beforeAll(async () => {
    ours = await openTestEtcd({ 'bcrypt-cost': 4 })
    theirs = await RealEtcd.start(etcdPath() ?? '', ['--bcrypt-cost=4'])
    const [a, b] = await Promise.all([tell(ours.url.slice(7)), tell(theirs.url.slice(7))])
    told.ours = a
    told.theirs = b
  }, 120_000)

  afterAll(async () => {
    await ours[Symbol.asyncDispose]()
    await theirs[Symbol.asyncDispose]()
  })

  it.each(STORY.map((step, i) => [i, typeof step === 'string' ? step : step.join(' <<< ')]))(
    '%i: %s',
    (i, line) => {
      const newer = NEWER[String(line)]
      if (newer !== undefined) expect(told.ours[Number(i)]?.output).toContain(newer)
      else expect(told.ours[Number(i)]).toEqual(told.theirs[Number(i)])
    },
  )
})

/** A watch goes on until it is ended. */
const WATCH_MS = 700

async function tell(address: string): Promise<Transcript[]> {
  const told: Transcript[] = []
  let lease = ''
  for (const step of STORY) {
    const [line, stdin] = typeof step === 'string' ? [step, ''] : step
    const forMs = line.includes('watch') ? WATCH_MS : 10_000
    const { exit, output } = await etcdctl(address, wordsOf(line, lease), { stdin, forMs })
    if (line.includes('lease grant')) lease = leaseIn(output) ?? lease
    told.push({ exit, output: normalized(output, lease, address) })
  }
  return told
}

function wordsOf(line: string, lease: string): string[] {
  const [, user, command = ''] = /^(?:(\w+:\w*)@)?(.*)$/.exec(line) ?? []
  const words = command
    .split(' ')
    .map((word) => (word === '""' ? '' : word.replace('LEASE', lease)))
  return user === undefined ? words : [`--user=${user}`, ...words]
}

/** From `--write-out=fields`; etcdctl reads ids in hex. */
function leaseIn(output: string): string | undefined {
  const [, id] = /"ID" : (\d+)/.exec(output) ?? []
  return id === undefined ? undefined : BigInt(id).toString(16).padStart(16, '0')
}

const normalized = (output: string, lease: string, address: string): string =>
  output
    .replaceAll(address, 'ADDRESS')
    .replaceAll(lease === '' ? '\0' : lease, 'LEASE')
    .replace(/\{"level".*\n/g, '')
    // Maintenance of 3.4 forgets to translate its refusals.
    .replace(/rpc error: code = Unknown desc = auth: (user name|permission)/g, 'etcdserver: $1')
    .replace(/client-[0-9a-f-]{36}/g, 'CLIENT')
    .replace(/"(cluster_id|member_id|ID|raft_term)":\d+/g, '"$1":N')
    .replace(/"(ClusterID|MemberID|ID|RaftTerm)" : \d+/g, '"$1" : N')
    .replace(/https?:\/\/[\w.:]+/g, 'URL')
    .replace(/\b[0-9a-f]{14,16}\b/g, 'HEX')
    .replace(/took = .*/, '')
    .replace(/remaining\(\d+s\)/, 'remaining')
