import type { ContainerStatus, Job, Node, Pod } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { nodeTable } from './core.js'
import { humanDuration } from './duration.js'
import { podTable, summaryOf } from './pods.js'
import { jobTable } from './workloads.js'

describe('humanDuration', () => {
  it.each([
    [-5, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [200, '3m20s'],
    [3 * 3600, '3h'],
    [5 * 3600 + 60, '5h1m'],
    [47 * 3600, '47h'],
    [50 * 3600, '2d2h'],
    [400 * 86400, '400d'],
    [800 * 86400, '2y70d'],
    [4000 * 86400, '10y'],
  ])('%d s is %s', (seconds, words) => {
    expect(humanDuration(seconds * 1000)).toBe(words)
  })
})

describe('the status column of a Pod', () => {
  const NOW = Date.parse('2024-01-01T01:00:00Z')
  const status = (extra: Partial<ContainerStatus>): ContainerStatus =>
    ({
      name: 'c',
      image: 'i',
      imageID: '',
      ready: false,
      restartCount: 0,
      ...extra,
    }) as ContainerStatus
  const pod = (extra: Partial<Pod['status']>, meta: Partial<Pod['metadata']> = {}): Pod =>
    ({
      metadata: { name: 'p', ...meta },
      spec: {
        containers: [{ name: 'c', resources: {} }],
        initContainers: [{ name: 'i', resources: {} }],
      },
      status: { phase: 'Pending', ...extra },
    }) as Pod

  it.each<[string, Pod, string, string]>([
    ['waiting', pod({}), 'Pending', '0/1'],
    [
      'running',
      pod({
        phase: 'Running',
        containerStatuses: [status({ ready: true, state: { running: {} } })],
      }),
      'Running',
      '1/1',
    ],
    [
      'crashing',
      pod({
        phase: 'Running',
        containerStatuses: [status({ state: { waiting: { reason: 'CrashLoopBackOff' } } })],
      }),
      'CrashLoopBackOff',
      '0/1',
    ],
    [
      'killed',
      pod({
        phase: 'Failed',
        containerStatuses: [status({ state: { terminated: { exitCode: 137, signal: 9 } } })],
      }),
      'Signal:9',
      '0/1',
    ],
    [
      'ended, though another container failed',
      pod({
        phase: 'Failed',
        containerStatuses: [
          status({ state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
          status({ state: { terminated: { exitCode: 3, reason: 'Error' } } }),
        ],
      }),
      'Error',
      '0/1',
    ],
    [
      'starting',
      pod({ initContainerStatuses: [status({ name: 'i', state: { running: {} } })] }),
      'Init:0/1',
      '0/1',
    ],
    [
      'going',
      pod({ phase: 'Running' }, { deletionTimestamp: '2024-01-01T00:00:00Z' }),
      'Terminating',
      '0/1',
    ],
    [
      'lost',
      pod({ phase: 'Running', reason: 'NodeLost' }, { deletionTimestamp: '2024-01-01T00:00:00Z' }),
      'Unknown',
      '0/1',
    ],
  ])('%s', (_what, one, word, ready) => {
    expect(summaryOf(one, NOW)).toMatchObject({ status: word, ready })
  })

  it('says when the last restart was', () => {
    const terminated = { exitCode: 1, finishedAt: '2024-01-01T00:50:00Z' }
    const one = pod({
      phase: 'Running',
      containerStatuses: [status({ restartCount: 3, lastState: { terminated } })],
    })
    expect(summaryOf(one, NOW).restarts).toBe('3 (10m ago)')
  })

  it.each([
    ['Succeeded', 'The pod has completed successfully.'],
    ['Failed', 'The pod failed.'],
  ])('a row of one that %s says so', (phase, message) => {
    expect(podTable.conditions?.(pod({ phase }))).toEqual([
      { type: 'Completed', status: 'True', reason: phase, message },
    ])
  })

  it('a row of one that runs says nothing', () => {
    expect(podTable.conditions?.(pod({ phase: 'Running' }))).toEqual([])
  })
})

it('a node shows its architecture with its kernel', () => {
  const nodeInfo = { kernelVersion: '6.1', architecture: 'amd64' }
  const node = { metadata: { name: 'n' }, spec: {}, status: { nodeInfo } } as Node
  expect(nodeTable.cells(node, 0)).toContain('6.1 (amd64)')
})

it('the clock of a Job that failed runs on', () => {
  const job = {
    metadata: { name: 'j' },
    spec: { template: { spec: { containers: [] } } },
    status: {
      startTime: '2024-01-01T00:00:00Z',
      conditions: [{ type: 'Failed', status: 'True', lastTransitionTime: '2024-01-01T00:01:00Z' }],
    },
  } as unknown as Job
  expect(jobTable.cells(job, Date.parse('2024-01-01T01:00:00Z'))[3]).toBe('60m')
})
