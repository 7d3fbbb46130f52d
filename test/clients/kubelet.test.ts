import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pod } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { deployment, isReady } from '../support/workloads.js'
import { isBuilt, startHollowNode } from './kube-components/programs.js'

const PATIENCE_MS = 60_000
const NODE = { name: 'system:node:real', token: 'node-token', groups: ['system:nodes'] }
const inDefault = { namespace: 'default' }

describe.skipIf(!isBuilt('hollow-node'))('a real kubelet on our control plane', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubelet-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it(
    'registers, runs Pods with what they mount, and lets them go',
    async () => {
      await using plane = await startControlPlane({
        nodes: 0,
        users: [NODE],
        enableAdmissionPlugins: ['NodeRestriction'],
      })
      const { client, server = '' } = plane
      await using kubelet = await startHollowNode(server, {
        name: 'real',
        token: NODE.token,
        folder,
      })
      const pods = async () => (await client.of(resources.pods).list(inDefault)).items as Pod[]
      await eventually(async () => {
        const { status } = await client.of(resources.nodes).get('real')
        expect(status.conditions).toContainEqual(
          expect.objectContaining({ type: 'Ready', status: 'True' }),
        )
      }, PATIENCE_MS)

      await client
        .of(resources.configMaps)
        .create({ metadata: { name: 'settings', ...inDefault }, data: { a: 'b' } })
      const web = deployment('web', 2, ({ template }) => {
        const volumes = [{ name: 'v', configMap: { name: 'settings' } }]
        template.spec = { ...template.spec, volumes } as typeof template.spec
      })
      await client.of(resources.deployments).create(web)
      await eventually(async () => {
        expect((await pods()).filter(isReady)).toHaveLength(2)
      }, PATIENCE_MS)

      await client.of(resources.deployments).delete('web', inDefault)
      await eventually(async () => expect(await pods()).toEqual([]), PATIENCE_MS)
      const lease = await client.of(resources.leases).get('real', { namespace: 'kube-node-lease' })
      expect(lease.spec?.holderIdentity).toBe('real')
      expect(kubelet.lines.filter((line) => /forbidden|Failed to watch|denied/.test(line))).toEqual(
        [],
      )
    },
    3 * PATIENCE_MS,
  )
})
