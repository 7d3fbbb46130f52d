import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Etcd } from '../../support/etcd.js'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { onPath, run } from '../../support/judges.js'

/** One story, since each answer depends on what was done before; told to us and to a real etcd. */
const STORY = [
  'auth enable',
  'user add root:secret',
  'user add root:secret',
  'user add alice:wonder',
  'user add bob --no-password',
  'user list',
  'role add root',
  'role add reader',
  'role add writer',
  'role add reader',
  'role list',
  'role grant-permission reader read app/ --prefix=true',
  'role grant-permission writer readwrite app/w app/x',
  'role grant-permission writer write exact',
  'role grant-permission nobody read a',
  'role get reader',
  'role get writer',
  'role get nobody',
  'user grant-role root root',
  'user grant-role alice reader',
  'user grant-role alice writer',
  'user grant-role alice nobody',
  'user grant-role nobody reader',
  'user get alice',
  'user get alice --detail',
  'user get nobody',
  'put app/a 1',
  'put exact 0',
  'put secret 0',
  'auth enable',
  'get app/a',
  'put app/a 2',
  'auth disable',
  '--user=alice:wrong get app/a',
  '--user=nobody:x get app/a',
  '--user=bob:x get app/a',
  '--user=alice:wonder get app/a',
  '--user=alice:wonder get app/ --prefix',
  '--user=alice:wonder get app/ --from-key',
  '--user=alice:wonder get secret',
  '--user=alice:wonder get "" --prefix',
  '--user=alice:wonder put app/a 2',
  '--user=alice:wonder put app/w1 2',
  '--user=alice:wonder put app/x 2',
  '--user=alice:wonder del app/w --prefix',
  '--user=alice:wonder del app/a',
  '--user=alice:wonder put exact 1',
  '--user=alice:wonder get exact',
  '--user=alice:wonder put exact 2 --prev-kv',
  '--user=alice:wonder lease grant 100',
  '--user=alice:wonder user list',
  '--user=alice:wonder user get alice',
  '--user=alice:wonder role get reader',
  '--user=alice:wonder role add more',
  '--user=alice:wonder compaction 2',
  '--user=alice:wonder auth disable',
  '--user=alice:wonder alarm list',
  '--user=alice:wonder member list',
  '--user=root:secret get "" --prefix --keys-only',
  '--user=root:secret put secret 1',
  '--user=root:secret role revoke-permission writer exact',
  '--user=root:secret role revoke-permission writer missing',
  '--user=alice:wonder put exact 3',
  '--user=root:secret user revoke-role alice reader',
  '--user=root:secret user revoke-role alice reader',
  '--user=alice:wonder get app/a',
  '--user=root:secret user revoke-role root root',
  '--user=root:secret user delete root',
  '--user=root:secret role delete root',
  '--user=root:secret role delete writer',
  '--user=alice:wonder put app/w1 3',
  '--user=root:secret user delete alice',
  '--user=alice:wonder get app/a',
  '--user=root:secret user delete alice',
  '--user=root:secret endpoint health',
  '--user=root:secret auth disable',
  'auth disable',
  'get app/a',
  'role list',
]

type Transcript = readonly { readonly exit: number; readonly output: string }[]

async function tell(endpoints: string): Promise<Transcript> {
  const told = []
  // Its own five seconds are not always enough for a leader who is chosen on a busy machine.
  const env = {
    ETCDCTL_API: '3',
    ETCDCTL_ENDPOINTS: endpoints,
    ETCDCTL_COMMAND_TIMEOUT: '20s',
  }
  for (const step of STORY) {
    const words = step.split(' ').map((word) => (word === '""' ? '' : word))
    const { exit, stdout, stderr } = await run('etcdctl', words, { env })
    told.push({ exit, output: normalized(stdout + stderr) })
  }
  return told
}

const normalized = (output: string): string =>
  output
    .replace(/"ts":"[^"]*"/g, 'TS')
    .replace(/client-[0-9a-f-]{36}/g, 'CLIENT')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'URL')
    .replace(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replace(/\b[0-9a-f]{14,16}\b/g, 'HEX')
    .replace(/started, \w+,/g, 'started, NAME,')
    .replace(/took = .*/, '')

const real = onPath('etcd')

describe.skipIf(real === undefined || onPath('etcdctl') === undefined)(
  'users, roles and rights, on one of three members and on a real etcd',
  () => {
    let cluster: EtcdCluster
    let etcd: Etcd
    let ours: Transcript
    let theirs: Transcript

    beforeAll(async () => {
      cluster = await EtcdCluster.start(3)
      etcd = await Etcd.start(real ?? '')
      // A follower: what it is asked it has to ask the leader.
      const [follower] = await cluster.followers()
      ;[ours, theirs] = await Promise.all([tell(follower?.clientUrl ?? ''), tell(etcd.url)])
    }, 90_000)

    afterAll(async () => {
      await cluster[Symbol.asyncDispose]()
      await etcd[Symbol.asyncDispose]()
    })

    it.each(STORY.map((step, i) => [i, step] as const))('%i: %s', (i, step) => {
      if (step.endsWith('member list')) {
        expect(ours[i]?.exit).toBe(theirs[i]?.exit)
        return
      }
      expect(ours[i]).toEqual(theirs[i])
    })
  },
)
