import type { KubeObject } from '@miniplane/api'
import { expect, it } from 'vitest'
import { summaryOf } from './summary.js'

const webOf = (fields: object = {}, metadata: object = {}): KubeObject => ({
  metadata: { name: 'web', ...metadata },
  ...fields,
})
const terminating = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }

it.each([
  ['Deployment', 'create', webOf({ spec: { replicas: 3 } }), undefined, '3 replicas'],
  [
    'Deployment',
    'update',
    webOf({ spec: { replicas: 5 } }),
    webOf({ spec: { replicas: 3 } }),
    'scaled to 5',
  ],
  [
    'Deployment',
    'update',
    webOf({ status: { readyReplicas: 2 } }),
    webOf({ status: {} }),
    '2 ready',
  ],
  ['Deployment', 'update', webOf(), webOf(), undefined],
  ['Pod', 'update', webOf({ spec: { nodeName: 'n' } }), webOf({ spec: {} }), 'bound to n'],
  [
    'Pod',
    'patch',
    webOf({ status: ready }),
    webOf({ status: { phase: 'Pending' } }),
    'phase Running, ready',
  ],
  ['ConfigMap', 'delete', webOf(), webOf(), undefined],
  ['Pod', 'delete', webOf({}, terminating), webOf(), 'terminating'],
  [
    'Pod',
    'delete',
    webOf({}, { ...terminating, deletionGracePeriodSeconds: 0 }),
    webOf({}, terminating),
    'terminating',
  ],
  ['Pod', 'delete', webOf({}, terminating), webOf({}, terminating), 'gone'],
])('%s %s', (kind, verb, after, before, summary) => {
  expect(summaryOf(kind, verb, after, before)).toBe(summary)
})
