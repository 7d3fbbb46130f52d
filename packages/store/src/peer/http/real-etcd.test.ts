import { describe, expect, it } from 'vitest'
import { eventually } from '../../eventually.fixture.js'
import { freePort } from '../../judges/free-port.fixture.js'
import { etcdPath, RealEtcd } from '../../judges/real-etcd.fixture.js'
import { silentLog } from '../../log.js'
import { clusterIdOf, memberIdOf } from '../../membership/ids.js'
import type { Message } from '../../raft/types.js'
import { systemClock } from '../../server/system-clock.js'
import { fetchMembers } from './fetch-members.js'
import { PeerNode } from './peer-node.fixture.js'

const TOKEN = 'etcd-cluster'
const etcd = etcdPath()

/** What a follower answers that agrees to everything; its log is always long enough. */
function agreement(message: Message): Message | undefined {
  const { type, from: to, to: from, term, index = 0, entries = [], context } = message
  switch (type) {
    case 'MsgPreVote':
      return { type: 'MsgPreVoteResp', to, from, term }
    case 'MsgVote':
      return { type: 'MsgVoteResp', to, from, term }
    case 'MsgApp':
      return { type: 'MsgAppResp', to, from, term, index: index + entries.length }
    case 'MsgHeartbeat':
      return { type: 'MsgHeartbeatResp', to, from, term, context }
    default:
      return undefined
  }
}

describe.skipIf(etcd === undefined)('a real etcd among our peers', () => {
  it('leads with our vote, and commits with our acknowledgements', async () => {
    const port = await freePort()
    const [ourPort, theirUrl] = [await freePort(), `http://127.0.0.1:${port}`]
    const ourUrl = `http://127.0.0.1:${ourPort}`
    const theirId = memberIdOf([theirUrl], TOKEN)
    const ourId = memberIdOf([ourUrl], TOKEN)
    const seen = new Set<string>()
    await using we = await PeerNode.open({
      id: ourId,
      port: ourPort,
      clusterId: clusterIdOf([theirId, ourId]),
      handler: {
        process(message) {
          seen.add(message.type)
          for (const { data } of message.entries ?? []) seen.add(Buffer.from(data).toString())
          const answer = agreement(message)
          if (answer !== undefined) we.peers.send([answer])
        },
      },
    })
    we.peers.addPeer(theirId, [theirUrl])
    await using they = await RealEtcd.start(etcd ?? '', [
      `--listen-peer-urls=${theirUrl}`,
      `--initial-advertise-peer-urls=${theirUrl}`,
      `--initial-cluster=default=${theirUrl},ours=${ourUrl}`,
    ])
    await eventually(() => we.peers.activeSince(theirId) !== undefined)

    // Enough, for the leader to send them as a stream of entries without the messages around them.
    for (let i = 0; i < 20; i++) {
      await they.call('kv/put', { key: btoa(`key-${i}`), value: btoa(`value-${i}`) })
    }
    const { kvs } = await they.call('kv/range', { key: btoa('key-19') })
    expect(kvs).toMatchObject([{ value: btoa('value-19') }])
    await eventually(() => [...seen].some((data) => data.includes('value-19')))
    expect([...seen]).toEqual(expect.arrayContaining(['MsgVote', 'MsgApp', 'MsgHeartbeat']))

    const found = await fetchMembers([theirUrl], { clock: systemClock, log: silentLog })
    expect(found?.clusterId).toBe(clusterIdOf([theirId, ourId]))
    expect(found?.members.map(({ id }) => id).sort()).toEqual([theirId, ourId].sort())
    await expect(
      we.peers.call(theirId, 'leases/keepalive', new Uint8Array(0), new AbortController().signal),
    ).rejects.toMatchObject({ code: 'LeaseNotFound' })
  }, 20_000)
})
