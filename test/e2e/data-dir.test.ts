import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@miniplane/api'
import { Client, inProcessTransport, resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deployment, isReady } from '../support/workloads.js'

const IN_DEFAULT = { namespace: 'default' }

describe('a plane with a data directory', () => {
  let dataDir: string
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'data-dir-'))
  })
  afterEach(() => rm(dataDir, { recursive: true }))

  const start = () => startControlPlane({ https: false, clock: new ManualClock(), dataDir })

  it('finds everything again when it is started anew', async () => {
    const first = await start()
    await first.client.of(resources.deployments).create(deployment('web', 3))
    await first.settle()
    const before = await first.client.of(resources.deployments).get('web', IN_DEFAULT)
    await first.close()

    await using second = await start()
    const after = await second.client.of(resources.deployments).get('web', IN_DEFAULT)
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    await second.settle()
    const { items } = await second.client.of(resources.pods).list(IN_DEFAULT)
    expect(items.filter(isReady)).toHaveLength(3)
  })

  it('knows the tokens in its Secrets again', async () => {
    const name = 'kubernetes.io/service-account.name'
    const first = await start()
    await first.settle()
    const asked = {
      metadata: { name: 'token', ...IN_DEFAULT, annotations: { [name]: 'default' } },
      type: 'kubernetes.io/service-account-token',
    }
    await first.client.of(resources.secrets).create(asked)
    await first.settle()
    const { data } = await first.client.of(resources.secrets).get('token', IN_DEFAULT)
    await first.close()

    await using second = await start()
    await second.settle()
    const token = Buffer.from(data?.token ?? '', 'base64').toString()
    const transport = inProcessTransport(second.apiServer.handle, { token, userAgent: 'test' })
    // Who it is is known; he may not do it.
    await expect(new Client(transport).of(resources.pods).list(IN_DEFAULT)).rejects.toThrow(
      /User "system:serviceaccount:default:default" cannot list resource "pods"/,
    )
  })

  it('has it for itself', async () => {
    await using _first = await start()
    await expect(start()).rejects.toThrow(/another process has it/)
  })

  it('is either here or in etcd', async () => {
    const etcd = { servers: ['http://127.0.0.1:1'] }
    await expect(startControlPlane({ https: false, dataDir, etcd })).rejects.toThrow(
      /one of the two/,
    )
  })
})
