import { describe, expect, it } from 'vitest'
import { configMap, FakeServer, kubectl } from '../fake-server.suite.js'
import { titleOf } from './generic.js'
import { ruleRows } from './rbac.js'

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u1',
    labels: { app: 'web', tier: 'front' },
    annotations: { note: 'one\ntwo' },
  },
  spec: {
    priority: 0,
    nodeName: 'node-1',
    volumes: [{ name: 'tmp', emptyDir: {} }],
    containers: [
      {
        name: 'main',
        image: 'app:1',
        ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }],
        resources: { limits: { cpu: '1', memory: '128Mi' } },
        env: [{ name: 'A', value: '1' }],
      },
    ],
    tolerations: [
      { key: 'k', operator: 'Equal', value: 'v', effect: 'NoExecute', tolerationSeconds: 9 },
    ],
  },
  status: {
    phase: 'Running',
    hostIP: '10.0.0.1',
    podIP: '10.1.0.1',
    podIPs: [{ ip: '10.1.0.1' }],
    qosClass: 'Burstable',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'main',
        containerID: 'containerd://x',
        imageID: 'sha256:y',
        ready: true,
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
      },
    ],
  },
}

const events = {
  kind: 'EventList',
  apiVersion: 'v1',
  metadata: {},
  items: [
    {
      metadata: { name: 'e' },
      type: 'Warning',
      reason: 'BackOff',
      message: 'again\n',
      count: 3,
      firstTimestamp: '2026-01-02T03:00:05Z',
      lastTimestamp: '2026-01-02T03:04:00Z',
      source: { component: 'kubelet' },
    },
  ],
}

const server = () =>
  new FakeServer()
    .answer('GET /api/v1/namespaces/default/pods/web', pod)
    .answer('GET /api/v1/namespaces/default/events', events)
    .answer('GET /api/v1/namespaces/default/configmaps/a', configMap('a', { k: 'line\n' }))

describe('describe', () => {
  it('tells everything about a Pod, its columns laid out block by block', async () => {
    const { out } = await kubectl(server(), 'describe pod web')
    expect(out).toBe(
      `Name:         web
Namespace:    default
Priority:     0
Node:         node-1/10.0.0.1
Labels:       app=web
              tier=front
Annotations:  note:
                one
                two
Status:       Running
IP:           10.1.0.1
IPs:
  IP:  10.1.0.1
Containers:
  main:
    Container ID:   containerd://x
    Image:          app:1
    Image ID:       sha256:y
    Port:           80/TCP (http)
    Host Port:      0/TCP (http)
    State:          Waiting
      Reason:       CrashLoopBackOff
    Ready:          True
    Restart Count:  2
    Limits:
      cpu:     1
      memory:  128Mi
    Environment:
      A:     1
    Mounts:  <none>
Conditions:
  Type    Status
  Ready   True 
Volumes:
  tmp:
    Type:        EmptyDir (a temporary directory that shares a pod's lifetime)
    Medium:      
    SizeLimit:   <unset>
QoS Class:       Burstable
Node-Selectors:  <none>
Tolerations:     k=v:NoExecute for 9s
Events:
  Type     Reason   Age              From     Message
  ----     ------   ----             ----     -------
  Warning  BackOff  5s (x3 over 4m)  kubelet  again
`,
    )
  })

  it('asks for the events of this object only', async () => {
    const fake = server()
    await kubectl(fake, 'describe pod web')
    expect(fake.sent('GET')?.query?.fieldSelector).toBe(
      'involvedObject.kind=Pod,involvedObject.name=web,involvedObject.namespace=default,involvedObject.uid=u1',
    )
  })

  it('shows a ConfigMap as it is', async () => {
    const { out } = await kubectl(server(), 'describe cm a --show-events=false')
    expect(out).toContain('Data\n====\nk:\n----\nline\n\n\n\nBinaryData\n====\n')
  })

  it('makes titles of field names', () => {
    const titles = ['resourceVersion', 'apiVersion', 'uid', 'x', 'f:name'].map(titleOf)
    expect(titles).toEqual(['Resource Version', 'API Version', 'UID', 'X', 'f:name'])
  })

  it('takes rules apart and puts those of one resource together', () => {
    const rows = ruleRows([
      { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get'] },
      { nonResourceURLs: ['/healthz'], verbs: ['get'] },
    ])
    expect(rows.sort()).toEqual(
      [
        'pods/log\t[]\t[]\t[get]',
        'pods\t[]\t[]\t[get list]',
        'deployments.apps/scale\t[]\t[]\t[get]',
        '\t[/healthz]\t[]\t[get]',
      ].sort(),
    )
  })
})
