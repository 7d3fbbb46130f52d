import type { KubeObject } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { rolloutState } from './rollout-status.js'

const deployment = (status: object, metadata: object = {}): KubeObject => ({
  kind: 'Deployment',
  metadata: { name: 'web', generation: 2, ...metadata },
  spec: { replicas: 3 },
  status: { observedGeneration: 2, ...status },
})

describe('rollout status', () => {
  it.each([
    [{ observedGeneration: 1 }, 'Waiting for deployment spec update to be observed...'],
    [{ updatedReplicas: 1, replicas: 4 }, '1 out of 3 new replicas have been updated...'],
    [{ updatedReplicas: 3, replicas: 4 }, '1 old replicas are pending termination...'],
    [
      { updatedReplicas: 3, replicas: 3, availableReplicas: 2 },
      '2 of 3 updated replicas are available...',
    ],
  ])('%j goes on', (status, text) => {
    const state = rolloutState(deployment(status), 0)
    expect(state.done).toBe(false)
    expect(state.text).toContain(text)
  })

  it('is done when all replicas are new and available', () => {
    const status = { updatedReplicas: 3, replicas: 3, availableReplicas: 3 }
    expect(rolloutState(deployment(status), 0)).toEqual({
      text: 'deployment "web" successfully rolled out\n',
      done: true,
    })
  })

  it('fails past the deadline, and for another revision than the one asked for', () => {
    const conditions = [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }]
    expect(() => rolloutState(deployment({ conditions }), 0)).toThrow(
      'deployment "web" exceeded its progress deadline',
    )
    const annotations = { 'deployment.kubernetes.io/revision': '2' }
    expect(() => rolloutState(deployment({}, { annotations }), 1)).toThrow(
      'desired revision (1) is different from the running revision (2)',
    )
  })
})
