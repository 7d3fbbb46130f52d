import { expect, it } from 'vitest'
import { identityObjects } from './identity.js'

it('a server has a lease of its own and tracks old tokens from its first day', () => {
  const identity = {
    hostname: 'master-1',
    uid: 'u',
    advertised: '192.0.2.1:6443',
    nowMs: Date.parse('2026-02-03T04:05:06.007Z'),
  }
  const name = 'apiserver-nihm5ngprxqxnpjevp7yosa6ze'
  expect(identityObjects(identity)).toMatchObject([
    {
      kind: 'Lease',
      metadata: { name, labels: { 'kubernetes.io/hostname': 'master-1' } },
      spec: { holderIdentity: `${name}_u`, renewTime: '2026-02-03T04:05:06.007000Z' },
    },
    { kind: 'ConfigMap', data: { since: '2026-02-03' } },
  ])
})
