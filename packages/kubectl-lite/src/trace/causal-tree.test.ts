import type { CausalRecord, Trigger } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { causalTrees } from './causal-tree.js'
import { treeLines } from './print-tree.js'

const record = (
  revision: number,
  resource: string,
  uid: string,
  actor?: string,
  reactedTo: readonly number[] = [],
  verb = 'create',
): CausalRecord => ({
  revision: String(revision),
  verb,
  resource,
  key: `default/${uid}`,
  uid,
  storageKey: '',
  timeMs: revision,
  user: actor ? 'system:component' : 'admin',
  userAgent: actor ?? 'kubectl-lite',
  requestId: '',
  ...(actor
    ? {
        cause: {
          actor,
          triggers: reactedTo.map(
            (at): Trigger => ({ resource: '', key: '', revision: String(at) }),
          ),
        },
      }
    : {}),
})

const NONE = new Map<string, string[]>()

describe('trace', () => {
  it('follows recorded causes from the request to the last write', () => {
    const records = [
      record(1, 'apps/deployments', 'web'),
      record(2, 'apps/replicasets', 'rs', 'deployment-controller', [1]),
      record(3, '/pods', 'pod', 'replicaset-controller', [2]),
      record(4, '/events', 'event', 'replicaset-controller', [2]),
      record(5, '/pods', 'pod', 'kubelet/node-1', [3], 'patch'),
      record(6, '/configmaps', 'unrelated'),
    ]
    expect(treeLines(causalTrees(records, 'web', NONE), false)).toEqual([
      '+0.0 ms  kubectl-lite (admin)  create deployments.apps default/web  @1',
      '└─ +1.0 ms  deployment-controller  create replicasets.apps default/rs  @2',
      '   └─ +2.0 ms  replicaset-controller  create pods default/pod  @3',
      '      └─ +4.0 ms  kubelet/node-1  patch pods default/pod  @5',
    ])
  })

  it('hangs a write below the latest change that it reacted to and names the others', () => {
    const records = [
      record(1, 'apps/deployments', 'web'),
      record(2, 'apps/replicasets', 'rs', 'deployment-controller', [1]),
      record(3, 'apps/deployments', 'web', 'deployment-controller', [1, 2], 'update'),
    ]
    const [, , last] = treeLines(causalTrees(records, 'web', NONE), false)
    expect(last).toBe(
      '   └─ +2.0 ms  deployment-controller  update deployments.apps default/web  @3  (also reacted to @1)',
    )
  })

  it('says when an edge was inferred, and begins a new tree with each request', () => {
    const outside = { ...record(2, '/pods', 'pod'), user: 'system:serviceaccount:x:operator' }
    const records = [
      record(1, 'apps/deployments', 'web'),
      outside,
      record(3, 'apps/deployments', 'web', undefined, [], 'update'),
    ]
    const trees = causalTrees(records, 'web', new Map([['pod', ['web']]]))
    expect(trees.map(({ record }) => record.revision)).toEqual(['1', '3'])
    expect(trees[0]?.children[0]?.edge).toBe('inferred from ownerReferences')
  })

  it('leaves out what reacted to something else, though its object is owned', () => {
    const records = [
      record(1, 'batch/cronjobs', 'tick'),
      record(2, 'batch/jobs', 'by-hand'),
      record(3, 'batch/jobs', 'by-hand', 'job-controller', [2], 'update'),
      record(4, 'batch/cronjobs', 'tick', 'cronjob-controller', [3], 'update'),
    ]
    const lines = treeLines(causalTrees(records, 'tick', new Map([['by-hand', ['tick']]])), false)
    expect(lines).toEqual([
      '+0.0 ms  kubectl-lite (admin)  create cronjobs.batch default/tick  @1',
      '+3.0 ms  cronjob-controller  update cronjobs.batch default/tick  @4  (also reacted to @3)',
    ])
  })
})
