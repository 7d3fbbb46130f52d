import { Ledger, ManualClock, type Trigger } from '@miniplane/api'
import { expect, test } from 'vitest'
import { clusterOf, infoOf, nodeOf, type PodGiven } from '../cluster.suite.js'
import type { QueuedPod } from './queued-pod.js'
import { SchedulingQueue } from './scheduling-queue.js'

const FIT = new Set(['NodeResourcesFit'])
const TAINT = new Set(['TaintToleration'])

const trigger = (key: string): Trigger => ({ resource: '/pods', key, revision: '1' })

function begin() {
  const clock = new ManualClock()
  const ledger = new Ledger()
  let readyCalls = 0
  const queue = new SchedulingQueue({
    clock,
    ledger,
    retryOn: new Map([
      ['NodeResourcesFit', ['pod/removed', 'node/added']],
      ['TaintToleration', ['node/taints', 'node/added']],
    ]),
    // A node that is called useless helps nobody.
    mayHelp: (_plugin, _pod, { node }) => node?.node?.metadata.name !== 'useless',
    onReady: () => readyCalls++,
  })
  const add = (name: string, given: PodGiven = {}) => queue.add(infoOf(name, given), trigger(name))
  const popName = () => queue.pop()?.info.pod.metadata.name
  const popOne = (): QueuedPod => {
    const queued = queue.pop()
    if (!queued) throw new Error('nothing to pop')
    return queued
  }
  return { clock, ledger, queue, add, popName, popOne, readyCalls: () => readyCalls }
}

test('the more important first, then the one that waits longer', () => {
  const { queue, clock, add, popName } = begin()
  add('first')
  add('second')
  clock.advance(5)
  add('important', { priority: 10 })
  expect(queue.sizes.active).toBe(3)
  expect([popName(), popName(), popName(), popName()]).toEqual([
    'important',
    'first',
    'second',
    undefined,
  ])
})

test('who fits nowhere comes back with an event that the refusing plugin waits for', () => {
  const { queue, clock, add, popOne, popName } = begin()
  add('a')
  queue.unschedulable(popOne(), FIT)
  clock.advance(2_000)
  queue.onEvent('node/taints', trigger('node-1'))
  expect(popName()).toBeUndefined()
  queue.onEvent('pod/removed', trigger('gone'))
  expect(popName()).toBe('a')
})

test('and not with one that helps it nothing', () => {
  const { queue, clock, add, popOne, popName } = begin()
  const cluster = clusterOf([nodeOf('useless'), nodeOf('useful')])
  const node = (name: string) => cluster.nodes.filter((one) => one.name === name)[0]
  add('a')
  queue.unschedulable(popOne(), TAINT)
  clock.advance(2_000)
  for (const [name, comes] of [
    ['useless', undefined],
    ['useful', 'a'],
  ] as const) {
    const changed = node(name)
    queue.onEvent('node/taints', trigger(name), changed ? { node: changed } : {})
    expect(popName()).toBe(comes)
  }
})

test('an attempt knows the changes that led to it', () => {
  const { queue, add, popOne } = begin()
  add('a')
  const queued = popOne()
  expect(queued.takeTriggers()).toEqual([trigger('a')])
  queue.unschedulable(queued, FIT)
  queue.onEvent('pod/removed', trigger('gone'))
  expect(popOne().takeTriggers()).toEqual([trigger('gone')])
})

test('backing off: 1, 2, 4, 8, then 10 seconds, when others are waiting', () => {
  const { queue, clock, add, popOne, popName } = begin()
  add('a')
  const pausesMs: number[] = []
  for (let i = 0; i < 6; i++) {
    queue.unschedulable(popOne(), FIT)
    queue.onEvent('pod/removed', trigger('gone'))
    const failedMs = clock.now()
    expect(queue.sizes).toMatchObject({ active: 0, backoff: 1 })
    while (queue.sizes.active === 0) clock.advance(500)
    pausesMs.push(clock.now() - failedMs)
  }
  expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  expect(popName()).toBe('a')
})

test('who backs off may go early when nobody else waits', () => {
  const { queue, add, popOne, popName } = begin()
  add('a')
  queue.unschedulable(popOne(), FIT)
  queue.onEvent('pod/removed', trigger('gone'))
  add('b')
  expect([popName(), popName()]).toEqual(['b', 'a'])
})

test('after an error it waits, whoever else does', () => {
  const { queue, clock, add, popOne, popName } = begin()
  add('a')
  queue.failed(popOne())
  queue.onEvent('pod/removed', trigger('gone'))
  clock.advance(999)
  expect(popName()).toBeUndefined()
  clock.advance(1)
  expect(popName()).toBe('a')
})

test('after five minutes it is tried again without any event', () => {
  const { queue, clock, add, popOne, popName } = begin()
  add('a')
  queue.unschedulable(popOne(), FIT)
  clock.advance(299_999)
  expect(popName()).toBeUndefined()
  clock.advance(1)
  expect(popName()).toBe('a')
})

test('turned away by nobody in particular: any event will do', () => {
  const { queue, add, popOne, popName } = begin()
  add('a')
  queue.unschedulable(popOne(), new Set())
  queue.onEvent('node/added', trigger('node-1'))
  expect(popName()).toBe('a')
})

test('a gated Pod waits for its gates to go, however long', () => {
  const { queue, clock, add, popName } = begin()
  add('a', { spec: { schedulingGates: [{ name: 'g' }] } })
  queue.onEvent('node/added', trigger('node-1'))
  clock.advance(3_600_000)
  expect(popName()).toBeUndefined()
  queue.update(infoOf('a'), ['self/gates'], trigger('a'))
  expect(popName()).toBe('a')
})

test('a change of its own brings a Pod back only if it can matter', () => {
  const { queue, add, popOne, popName } = begin()
  add('a')
  queue.unschedulable(popOne(), TAINT)
  queue.update(infoOf('a'), [], trigger('a'))
  expect(popName()).toBeUndefined()
  queue.update(infoOf('a'), ['self/tolerations'], trigger('a'))
  expect(popName()).toBe('a')
})

test('an update while it waits changes its place', () => {
  const { queue, add, popName } = begin()
  add('a')
  add('b')
  queue.update(infoOf('b', { priority: 5 }), [], trigger('b'))
  expect(popName()).toBe('b')
})

test('deleted while it is being scheduled: it does not come back', () => {
  const { queue, add, popOne, ledger } = begin()
  add('a')
  const queued = popOne()
  queue.delete(queued.info.uid)
  queue.unschedulable(queued, FIT)
  queue.failed(queued)
  expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 0 })
  expect(ledger.isIdle).toBe(true)
})

test('the ledger counts who could be scheduled now, and nobody else', () => {
  const { queue, add, popOne, ledger } = begin()
  add('a')
  add('b')
  expect(ledger.counts().queuedKey).toBe(2)
  queue.unschedulable(popOne(), FIT)
  expect(ledger.counts().queuedKey).toBe(1)
  queue.close()
  expect(ledger.isIdle).toBe(true)
})
