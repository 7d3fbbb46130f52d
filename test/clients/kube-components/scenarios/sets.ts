import { type Scenario, selecting, template, withImage } from './stage.js'

const statefulSet = (name: string, spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name },
  spec: { serviceName: name, selector: selecting(name), template: template(name), ...spec },
})

const daemonSet = (name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name },
  spec: { selector: selecting(name), template: template(name), ...spec },
})

const claimTemplate = (name: string) => ({
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'absent',
    resources: { requests: { storage: '1Gi' } },
  },
})

/** StatefulSets and DaemonSets. */
export const sets: Readonly<Record<string, Scenario>> = {
  async statefulset({ cluster, kubelets, shot }) {
    await cluster.create(statefulSet('db', { replicas: 2 }))
    await cluster.settle()
    await shot('first Pod')
    await kubelets.work()
    await shot('running')
    await cluster.patch('StatefulSet', 'db', withImage('app:2'), { type: 'strategic' })
    await cluster.settle()
    await shot('rolling')
    await kubelets.work()
    await shot('rolled')
    await cluster.patch('StatefulSet', 'db', { spec: { replicas: 1 } })
    await kubelets.work()
    await shot('smaller')
  },

  async 'parallel-statefulset'({ cluster, kubelets, shot }) {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }
    await cluster.create(
      statefulSet('db', { replicas: 3, podManagementPolicy: 'Parallel', updateStrategy }),
    )
    await kubelets.work()
    await cluster.patch('StatefulSet', 'db', withImage('app:2'), { type: 'strategic' })
    await kubelets.work()
    await shot('partly rolled')
    const [pod] = (await kubelets.pods()).filter(({ metadata }) => metadata.name === 'db-1')
    if (pod) await kubelets.finish(pod, 1)
    await kubelets.work()
    await shot('a failed Pod is made again')
    await cluster.delete('StatefulSet', 'db', { propagationPolicy: 'Orphan' })
    await kubelets.work()
    await shot('orphans')
  },

  async 'statefulset-in-pairs'({ cluster, kubelets, shot }) {
    await cluster.create(
      statefulSet('db', {
        replicas: 4,
        ordinals: { start: 5 },
        minReadySeconds: 1,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } },
      }),
    )
    await kubelets.work()
    await shot('running')
    await cluster.patch('StatefulSet', 'db', withImage('app:2'), { type: 'strategic' })
    await cluster.settle()
    await shot('rolling')
    await kubelets.work()
    await shot('rolled')
    await cluster.patch('StatefulSet', 'db', {
      spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } },
    })
    await cluster.patch('StatefulSet', 'db', withImage('app:3'), { type: 'strategic' })
    await kubelets.work()
    await shot('only what is deleted')
  },

  async 'daemonset-by-hand'({ cluster, kubelets, shot }) {
    const nodeSelector = { group: 'common' }
    const spec = { template: template('agent', { nodeSelector }) }
    await cluster.create(daemonSet('agent', { ...spec, updateStrategy: { type: 'OnDelete' } }))
    await kubelets.work()
    await cluster.patch('DaemonSet', 'agent', withImage('app:2'), { type: 'strategic' })
    await kubelets.work()
    await shot('nothing rolls')
    const [pod] = await kubelets.pods()
    await cluster.delete('Pod', pod?.metadata.name ?? '')
    await kubelets.work()
    await shot('one is new')
  },

  async claims({ cluster, kubelets, shot }) {
    const policy = { whenDeleted: 'Delete', whenScaled: 'Delete' }
    await cluster.create(
      statefulSet('db', {
        replicas: 2,
        podManagementPolicy: 'Parallel',
        template: template('db', { schedulerName: 'nobody' }),
        volumeClaimTemplates: [claimTemplate('data')],
        persistentVolumeClaimRetentionPolicy: policy,
      }),
    )
    await kubelets.work()
    await shot('claims that nobody fills')
    await cluster.patch('StatefulSet', 'db', { spec: { replicas: 1 } })
    await kubelets.work()
    await shot('one claim less')
    await cluster.delete('StatefulSet', 'db')
    await kubelets.work()
    await shot('gone')
  },

  async daemonset({ cluster, kubelets, shot }) {
    const nodeSelector = { group: 'common' }
    await cluster.create(daemonSet('agent', { template: template('agent', { nodeSelector }) }))
    await cluster.settle()
    await shot('created')
    await kubelets.work()
    await shot('running')
    await cluster.patch('DaemonSet', 'agent', withImage('app:2'), { type: 'strategic' })
    await cluster.settle()
    await shot('rolling')
    await kubelets.work()
    await shot('rolled')
    const [pod] = await kubelets.pods()
    if (pod) await kubelets.finish(pod, 1)
    await kubelets.work()
    await shot('a failed Pod is made again')
  },

  async 'surging-daemonset'({ cluster, kubelets, shot }) {
    const updateStrategy = {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    }
    const nodeSelector = { group: 'common' }
    const spec = { template: template('agent', { nodeSelector }), updateStrategy }
    await cluster.create(daemonSet('agent', spec))
    await kubelets.work()
    await cluster.patch('DaemonSet', 'agent', withImage('app:2'), { type: 'strategic' })
    await kubelets.work()
    await shot('rolled')
    await cluster.delete('DaemonSet', 'agent')
    await kubelets.work()
    await shot('gone')
  },
}
