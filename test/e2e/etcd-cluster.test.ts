import { resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { type EtcdProcess, EtcdProcesses } from '../support/etcd-program.js'
import { eventually } from '../support/eventually.js'
import { deployment, isReady } from '../support/workloads.js'

const IN_DEFAULT = { namespace: 'default' }
const ROUNDS = 3

/** The member that says of itself that it leads. */
async function leaderOf(members: Iterable<EtcdProcess>): Promise<EtcdProcess> {
  return eventually(async () => {
    for (const member of members) {
      const answer = await fetch(`${member.clientUrl}/v3/maintenance/status`, {
        method: 'POST',
        body: '{}',
      })
      const { leader, header } = (await answer.json()) as {
        leader?: string
        header: { member_id: string }
      }
      if (leader === header.member_id) return member
    }
    throw new Error('nobody leads')
  })
}

describe('a plane on a cluster of ours', () => {
  it('goes on while its leader is killed again and again', { timeout: 180_000 }, async () => {
    await using etcd = await EtcdProcesses.of('a', 'b', 'c')
    const members = new Map((await etcd.startAll()).map((member) => [member.name, member]))
    const servers = etcd.endpoints.split(',')
    await using plane = await startControlPlane({ https: false, etcd: { servers } })
    const maps = plane.client.of(resources.configMaps)
    const { metadata } = await maps.list(IN_DEFAULT)
    const seen: string[] = []
    const stop = await maps.watch(
      { ...IN_DEFAULT, resourceVersion: metadata.resourceVersion ?? '' },
      {
        onEvents: (events) =>
          void seen.push(...events.map(({ type, object }) => `${type} ${object.metadata.name}`)),
        onEnd: (error) => void seen.push(`ended: ${error}`),
      },
    )
    const acknowledged: string[] = []
    /** A write that is not answered is given up: whether it was done shows later. */
    const write = async (name: string): Promise<void> => {
      try {
        await maps.create({
          ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...IN_DEFAULT } },
        } as never)
        acknowledged.push(`ADDED ${name}`)
      } catch (error) {
        expect(error).toMatchObject({ status: { code: 500 } })
      }
    }

    for (let round = 0; round < ROUNDS; round++) {
      const leader = await leaderOf(members.values())
      leader.kill('SIGKILL')
      await eventually(() =>
        plane.client.of(resources.deployments).create(deployment(`web-${round}`, 2)),
      )
      for (let n = 0; n < 20; n++) await write(`map-${round}-${n}`)
      await leader.ended
      const back = etcd.start(leader.name)
      members.set(leader.name, back)
      await back.logged('ready to serve client requests')
    }

    await eventually(async () => {
      const { items } = await plane.client.of(resources.pods).list(IN_DEFAULT)
      expect(items.filter(isReady)).toHaveLength(2 * ROUNDS)
    }, 30_000)
    await eventually(() => write('last').then(() => expect(acknowledged).toContain('ADDED last')))
    await eventually(() => expect(seen).toContain('ADDED last'))
    expect(acknowledged.length).toBeGreaterThan(15 * ROUNDS)
    expect(seen.filter((line) => acknowledged.includes(line))).toEqual(acknowledged)
    expect(new Set(seen).size).toBe(seen.length)
    stop()
  })
})
