import { expect, it } from 'vitest'
import { membershipAsV2Store } from './v2-store.js'

it('has what etcd looks for, where it looks for it', () => {
  const bytes = membershipAsV2Store({
    members: [
      {
        id: 0x2en,
        name: 'one',
        peerUrls: ['http://a:2380'],
        clientUrls: ['http://a:2379'],
        isLearner: false,
      },
      { id: 0x2fn, name: '', peerUrls: ['http://b:2380'], clientUrls: [], isLearner: true },
    ],
    removedMemberIds: [0x30n],
    clusterVersion: '3.6.0',
  })
  const { Root, WatcherHub } = JSON.parse(new TextDecoder().decode(bytes))
  const { members, removed_members, version } = Root.Children['0'].Children
  const valuesOf = ({ Children }: { Children: Record<string, { Value: string }> }) =>
    Object.fromEntries(Object.entries(Children).map(([name, { Value }]) => [name, Value]))
  expect(valuesOf(members.Children['2e'])).toEqual({
    raftAttributes: '{"peerURLs":["http://a:2380"]}',
    attributes: '{"name":"one","clientURLs":["http://a:2379"]}',
  })
  expect(valuesOf(members.Children['2f'])).toEqual({
    raftAttributes: '{"peerURLs":["http://b:2380"],"isLearner":true}',
  })
  expect(Object.keys(removed_members.Children)).toEqual(['30'])
  expect(version).toMatchObject({ Path: '/0/version', Value: '3.6.0' })
  const { Events, Capacity } = WatcherHub.EventHistory.Queue
  expect(Events).toHaveLength(Capacity)
})
