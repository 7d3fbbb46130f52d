import { alreadyExists, type KubeObject, ManualClock, notFound } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { Client } from '../client.js'
import { limits } from '../limits.js'
import type { Transport, TransportRequest } from '../transport/transport.js'
import { EventRecorder } from './event-recorder.js'

const web: KubeObject = {
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '9' },
}

function newRecorder() {
  const sent: TransportRequest[] = []
  const control = { failWith: undefined as Error | undefined }
  const transport: Transport = {
    async request(request) {
      sent.push(request)
      const error = control.failWith
      control.failWith = undefined
      if (error) throw error
      return { status: 200, headers: {}, object: request.body, text: () => '' }
    },
    watch: () => Promise.reject(new Error('not watched here')),
    close() {},
  }
  const clock = new ManualClock()
  const client = new Client(transport)
  const recorder = new EventRecorder(client, { component: 'deployment-controller', clock })
  const report = async (message: string, reason = 'ScalingReplicaSet') => {
    recorder.event(web, { type: 'Normal', reason, message })
    await recorder.flush()
  }
  return { sent, control, clock, recorder, report }
}

describe('EventRecorder', () => {
  it('creates an event about the object, in its namespace', async () => {
    const { sent, report } = newRecorder()
    await report('Scaled up')
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/default/events' })
    expect(sent[0]?.body).toMatchObject({
      metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
      involvedObject: { kind: 'Deployment', name: 'web', uid: 'u1', resourceVersion: '9' },
      source: { component: 'deployment-controller' },
      count: 1,
    })
  })

  it('counts up when the same happens again, and starts anew when the event is gone', async () => {
    const { sent, control, report } = newRecorder()
    await report('Scaled up')
    await report('Scaled up')
    expect(sent[1]).toMatchObject({ method: 'PATCH', body: { count: 2 } })
    control.failWith = notFound({ group: '', resource: 'events' }, 'web.1')
    await report('Scaled up')
    expect(sent.at(-1)).toMatchObject({ method: 'POST', body: { count: 1 } })
  })

  it('takes another name when somebody else has reported about one of that name just now', async () => {
    const { sent, control, report } = newRecorder()
    control.failWith = alreadyExists({ group: '', resource: 'events' }, 'web.1')
    await report('Scaled up')
    const names = sent.map(({ body }) => (body as KubeObject).metadata.name)
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'POST'])
    expect(new Set(names).size).toBe(2)
  })

  it('folds many similar events into one', async () => {
    const { sent, report } = newRecorder()
    for (let i = 1; i <= limits.eventAggregateMax; i++) await report(`Created pod: web-${i}`)
    expect(sent.at(-1)?.body).toMatchObject({
      message: `(combined from similar events): Created pod: web-${limits.eventAggregateMax}`,
      source: { component: 'deployment-controller' },
      reportingComponent: '',
    })
    await report('Created pod: another')
    expect(sent.at(-1)).toMatchObject({ method: 'PATCH', body: { count: 2 } })
  })

  it('cuts a source off that goes on about one object, and lets one through in five minutes', async () => {
    const { sent, clock, report } = newRecorder()
    for (let i = 0; i < limits.eventBurst + 10; i++) await report('again')
    expect(sent).toHaveLength(limits.eventBurst)
    clock.advance(limits.eventRefillMs)
    await report('again')
    await report('again')
    expect(sent).toHaveLength(limits.eventBurst + 1)
  })

  it('goes on after an event that could not be written', async () => {
    const { sent, control, report } = newRecorder()
    control.failWith = new Error('connection refused')
    await report('first')
    await report('second')
    expect(sent).toHaveLength(2)
    expect(sent[1]).toMatchObject({ method: 'POST' })
  })
})
