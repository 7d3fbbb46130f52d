import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import { type ResourceRef, resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'

const inDefault = { namespace: 'default' }

/** A plane with a class `late`, a claim `data` of it, and nobody who makes volumes. */
async function planeWithClaim(provisioner: string) {
  const clock = new ManualClock()
  const plane = await startControlPlane({ clock, random: seededRandom(1), https: false, nodes: 2 })
  await plane.settle()
  const create = async <T extends KubeObject>(ref: ResourceRef<T>, object: object) => {
    await plane.client.of(ref).create(object as T)
    await plane.settle()
  }
  const bindingMode = { provisioner, volumeBindingMode: 'WaitForFirstConsumer' }
  await create(resources.storageClasses, { metadata: { name: 'late' }, ...bindingMode })
  await create(resources.persistentVolumeClaims, {
    metadata: { name: 'data', ...inDefault },
    spec: {
      storageClassName: 'late',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  })
  return {
    create,
    createVolume: (name: string, node: string, claimRef?: object) =>
      create(resources.persistentVolumes, {
        metadata: { name },
        spec: {
          storageClassName: 'late',
          capacity: { storage: '2Gi' },
          accessModes: ['ReadWriteOnce'],
          local: { path: '/data' },
          ...(claimRef && { claimRef }),
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'kubernetes.io/hostname', operator: 'In', values: [node] },
                  ],
                },
              ],
            },
          },
        },
      }),
    createPod: (name: string) =>
      create(resources.pods, {
        metadata: { name, ...inDefault },
        spec: {
          containers: [{ name: 'c', image: 'c:1' }],
          volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
        },
      }),
    volumes: async () => (await plane.client.of(resources.persistentVolumes).list()).items,
    async deleteClaim(name: string) {
      await plane.client.of(resources.persistentVolumeClaims).delete(name, inDefault)
      await plane.settle()
    },
    claim: (name = 'data') =>
      plane.client.of(resources.persistentVolumeClaims).get(name, inDefault),
    nodeOf: async (name: string) =>
      (await plane.client.of(resources.pods).get(name, inDefault)).spec.nodeName,
    nominatedFor: async (name: string) =>
      (await plane.client.of(resources.pods).get(name, inDefault)).status.nominatedNodeName,
    problemOf: async (name: string) =>
      (await plane.client.of(resources.pods).get(name, inDefault)).status.conditions?.find(
        ({ type }) => type === 'PodScheduled',
      )?.message,
    async events() {
      const { items } = await plane.client.of(resources.events).list(inDefault)
      const own = items.filter(({ involvedObject }) => involvedObject.name === 'data')
      return own.map(({ reason, message }) => `${reason}: ${message}`)
    },
    async advance(seconds: number) {
      clock.advance(seconds * 1000)
      await plane.settle()
    },
    [Symbol.asyncDispose]: () => plane.close(),
  }
}

describe('a volume that goes with its Pod', () => {
  it('has a claim of its own, which waits for a node like others', async () => {
    await using held = await planeWithClaim('kubernetes.io/no-provisioner')
    await held.createVolume('local', 'node-1')
    const spec = {
      storageClassName: 'late',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    }
    const volumeClaimTemplate = { metadata: { labels: { app: 'web' } }, spec }
    await held.create(resources.pods, {
      metadata: { name: 'web', ...inDefault },
      spec: {
        containers: [{ name: 'c', image: 'c:1' }],
        volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }],
      },
    })
    await held.advance(2)
    const { metadata, status } = await held.claim('web-scratch')
    expect(metadata.labels).toEqual({ app: 'web' })
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'web', controller: true }])
    expect(status.phase).toBe('Bound')
    expect(await held.nodeOf('web')).toBe('node-1')
  })
})

describe('a volume whose claim is gone', () => {
  it.each([
    ['Retain', '/data', 'Released', undefined],
    ['Delete', '/tmp/data', undefined, undefined],
    [
      'Delete',
      '/data',
      'Failed',
      'host_path deleter only supports /tmp/.+ but received provided /data',
    ],
  ])('%s of %s: %s', async (policy, path, phase, message) => {
    await using held = await planeWithClaim('csi.example.com')
    await held.create(resources.persistentVolumes, {
      metadata: { name: 'kept' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: policy,
        hostPath: { path },
      },
    })
    await held.create(resources.persistentVolumeClaims, {
      metadata: { name: 'own', ...inDefault },
      spec: {
        storageClassName: '',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    })
    expect((await held.claim('own')).status.phase).toBe('Bound')
    await held.deleteClaim('own')
    const left = (await held.volumes()).find(({ metadata }) => metadata.name === 'kept')
    expect([left?.status.phase, left?.status.message]).toEqual([phase, message])
  })
})

describe('a claim that waits for its first consumer', () => {
  it('gets a volume that the node of its Pod can reach', async () => {
    await using held = await planeWithClaim('kubernetes.io/no-provisioner')
    await held.createVolume('local', 'node-2')
    expect((await held.claim()).status.phase).toBe('Pending')
    expect(await held.events()).toContain(
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    )
    await held.createPod('web')
    expect(await held.nodeOf('web')).toBe('node-2')
    const { spec, status, metadata } = await held.claim()
    expect([spec.volumeName, status.phase]).toEqual(['local', 'Bound'])
    expect(metadata.annotations).toMatchObject({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    })
  })

  it('keeps its Pod waiting while there is no volume, and no longer', async () => {
    await using held = await planeWithClaim('kubernetes.io/no-provisioner')
    await held.createPod('web')
    expect(await held.problemOf('web')).toMatch(
      /^0\/2 nodes are available: 2 node\(s\) didn't find available persistent volumes to bind\./,
    )
    await held.createVolume('local', 'node-1')
    await held.advance(2)
    expect(await held.nodeOf('web')).toBe('node-1')
  })

  it('tells a provisioner the node, and the Pod follows when there is a volume', async () => {
    await using held = await planeWithClaim('csi.example.com')
    await held.createPod('web')
    expect(await held.nodeOf('web')).toBeUndefined()
    const { metadata } = await held.claim()
    const selected = metadata.annotations?.['volume.kubernetes.io/selected-node']
    expect(await held.nominatedFor('web')).toBe(selected)
    expect(metadata.annotations).toMatchObject({
      'volume.kubernetes.io/storage-provisioner': 'csi.example.com',
      'volume.beta.kubernetes.io/storage-provisioner': 'csi.example.com',
    })
    const node = metadata.annotations?.['volume.kubernetes.io/selected-node'] ?? ''
    expect((await held.events()).at(-1)).toMatch(/^ExternalProvisioning: Waiting for a volume/)
    const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', name: 'data', ...inDefault }
    await held.createVolume('made', node, { ...claimRef, uid: metadata.uid })
    expect((await held.claim()).status.phase).toBe('Bound')
    expect(await held.nodeOf('web')).toBe(node)
    expect(await held.nominatedFor('web')).toBeUndefined()
  })

  it('gives up a node whose volume nobody makes', async () => {
    await using held = await planeWithClaim('csi.example.com')
    await held.createPod('web')
    await held.advance(601)
    expect(await held.problemOf('web')).toBe(
      'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
    )
  })
})
