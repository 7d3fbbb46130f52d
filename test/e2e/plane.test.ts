import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Client,
  connectionFrom,
  httpsTransport,
  parseKubeconfig,
  resources,
} from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { deployment, isReady } from '../support/workloads.js'

describe('startControlPlane', () => {
  it('serves HTTPS to whoever holds the kubeconfig, and to nobody else', async () => {
    await using plane = await startControlPlane()
    const connection = connectionFrom(parseKubeconfig(plane.kubeconfig))
    const transport = httpsTransport(connection)
    const { items } = await new Client(transport).of(resources.namespaces).list()
    expect(items.map(({ metadata }) => metadata.name)).toContain('kube-system')
    transport.close()

    const { token: _, ...anonymous } = connection
    const stranger = httpsTransport(anonymous)
    const refused = await stranger.request({ method: 'GET', path: '/api/v1/namespaces' })
    expect(refused.status).toBe(403)
    const health = await stranger.request({ method: 'GET', path: '/readyz' })
    expect([health.status, health.text()]).toEqual([200, 'ok'])
    stranger.close()

    const unknown = httpsTransport({ ...connection, token: 'wrong' })
    expect((await unknown.request({ method: 'GET', path: '/api' })).status).toBe(401)
    unknown.close()
  })

  it('shows the same over HTTPS as within the process', async () => {
    await using plane = await startControlPlane()
    const transport = httpsTransport(connectionFrom(parseKubeconfig(plane.kubeconfig)))
    await new Client(transport).of(resources.deployments).create(deployment('web', 2))
    await eventually(async () => {
      const pods = (await plane.client.of(resources.pods).list({ namespace: 'default' })).items
      expect(pods.filter(isReady)).toHaveLength(2)
    })
    transport.close()
  })

  it('lets many planes live side by side, none knowing of another', async () => {
    const planes = await Promise.all([1, 2, 3].map(() => startControlPlane({ nodes: 1 })))
    try {
      expect(new Set(planes.map((plane) => plane.server)).size).toBe(3)
      await planes[0]?.client.of(resources.configMaps).create({
        metadata: { name: 'mine', namespace: 'default' },
      })
      const names = await Promise.all(
        planes.map(async (plane) => {
          const { items } = await plane.client
            .of(resources.configMaps)
            .list({ namespace: 'default' })
          return items.filter(({ metadata }) => metadata.name === 'mine').length
        }),
      )
      expect(names).toEqual([1, 0, 0])
    } finally {
      await Promise.all(planes.map((plane) => plane.close()))
    }
  })

  it('writes the kubeconfig for its owner only, and takes it away again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plane-'))
    try {
      const kubeconfigPath = join(folder, 'deep', 'kubeconfig')
      const plane = await startControlPlane({ kubeconfigPath, controllers: false, nodes: 0 })
      expect(statSync(kubeconfigPath).mode & 0o777).toBe(0o600)
      expect(readFileSync(kubeconfigPath, 'utf8')).toBe(plane.kubeconfig)
      await plane.close()
      expect(existsSync(kubeconfigPath)).toBe(false)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('leaves a kubeconfig alone that is somebody else’s, and takes over one of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plane-'))
    try {
      const kubeconfigPath = join(folder, 'config')
      const options = { kubeconfigPath, controllers: false, nodes: 0 }
      writeFileSync(kubeconfigPath, 'kind: Config\n')
      await expect(startControlPlane(options)).rejects.toMatchObject({ code: 'EEXIST' })
      expect(readFileSync(kubeconfigPath, 'utf8')).toBe('kind: Config\n')

      rmSync(kubeconfigPath)
      const killed = await startControlPlane(options)
      chmodSync(kubeconfigPath, 0o644)
      await using plane = await startControlPlane(options)
      expect(statSync(kubeconfigPath).mode & 0o777).toBe(0o600)
      await killed.close()
      expect(readFileSync(kubeconfigPath, 'utf8')).toBe(plane.kubeconfig)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('says that a port is in use, and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expect(startControlPlane({ https: { port } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    taken.close()
  })

  it('refuses connections once it is closed', async () => {
    const plane = await startControlPlane()
    const transport = httpsTransport(connectionFrom(parseKubeconfig(plane.kubeconfig)))
    expect((await transport.request({ method: 'GET', path: '/readyz' })).status).toBe(200)
    await plane.close()
    await expect(transport.request({ method: 'GET', path: '/readyz' })).rejects.toMatchObject({
      code: expect.stringMatching(/^ECONN/),
    })
    transport.close()
  })
})
