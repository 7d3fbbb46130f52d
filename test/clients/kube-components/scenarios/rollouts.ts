import { deployment, type Scenario, selecting, template, withImage } from './stage.js'

/** Deployments and what they are made of. */
export const rollouts: Readonly<Record<string, Scenario>> = {
  async deployment({ cluster, kubelets, shot }) {
    await cluster.create(deployment('web', { replicas: 3 }))
    await cluster.settle()
    await shot('created')
    await kubelets.work()
    await shot('running')
    await cluster.patch('Deployment', 'web', withImage('app:2'), { type: 'strategic' })
    await kubelets.work()
    await shot('rolled')
    await cluster.patch('Deployment', 'web', { spec: { replicas: 1 } }, { sub: 'scale' })
    await kubelets.work()
    await shot('scaled down')
    await cluster.patch('Deployment', 'web', withImage('app:1'), { type: 'strategic' })
    await kubelets.work()
    await shot('rolled back')
  },

  async recreate({ cluster, kubelets, shot }) {
    const strategy = { type: 'Recreate' }
    await cluster.create(deployment('db', { replicas: 2, strategy, revisionHistoryLimit: 1 }))
    await kubelets.work()
    for (const image of ['app:2', 'app:3']) {
      await cluster.patch('Deployment', 'db', withImage(image), { type: 'strategic' })
      await kubelets.work()
    }
    await shot('third revision')
  },

  async pause({ cluster, kubelets, shot }) {
    await cluster.create(deployment('web', { replicas: 2, paused: true }))
    await cluster.settle()
    await shot('paused')
    await cluster.patch('Deployment', 'web', { spec: { paused: false } })
    await kubelets.work()
    await cluster.patch('Deployment', 'web', { spec: { paused: true } })
    await cluster.patch('Deployment', 'web', withImage('app:2'), { type: 'strategic' })
    await cluster.patch('Deployment', 'web', { spec: { replicas: 3 } })
    await kubelets.work()
    await shot('paused and scaled')
    await cluster.patch('Deployment', 'web', { spec: { paused: false } })
    await kubelets.work()
    await shot('resumed')
  },

  async deadline({ cluster, kubelets, shot, pass }) {
    await cluster.create(deployment('web', { replicas: 2, progressDeadlineSeconds: 30 }))
    await kubelets.work()
    const stuck = { spec: { template: { metadata: { labels: { never: 'ready' } } } } }
    await cluster.patch('Deployment', 'web', stuck)
    await kubelets.work()
    await pass(32)
    await cluster.settle()
    await shot('deadline exceeded')
    await cluster.patch('Deployment', 'web', { spec: { replicas: 4 } })
    await kubelets.work()
    await shot('scaled in proportion')
  },

  async 'careful-rollout'({ cluster, kubelets, shot }) {
    const strategy = {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 0, maxUnavailable: '34%' },
    }
    await cluster.create(deployment('web', { replicas: 4, strategy, minReadySeconds: 1 }))
    await kubelets.work()
    await cluster.patch('Deployment', 'web', withImage('app:2'), { type: 'strategic' })
    await kubelets.work()
    await shot('rolled')
  },

  async 'scaled-in-between'({ cluster, kubelets, shot }) {
    await cluster.create(deployment('web', { replicas: 4 }))
    await kubelets.work()
    await cluster.patch('Deployment', 'web', withImage('app:2'), { type: 'strategic' })
    await cluster.settle()
    await cluster.patch('Deployment', 'web', { spec: { replicas: 7 } })
    await cluster.settle()
    await shot('larger while rolling')
    await cluster.patch('Deployment', 'web', { spec: { replicas: 2 } })
    await cluster.settle()
    await shot('smaller while rolling')
  },

  async 'who-goes-first'({ cluster, kubelets, shot }) {
    const pod = (name: string, more: object = {}, spec: object = {}) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: 'set' }, ...more },
      spec: { ...template('set').spec, ...spec },
    })
    const cost = { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-1' } }
    await cluster.create(pod('ready'))
    await cluster.create(pod('cheap', cost))
    await kubelets.work()
    const unready = await cluster.create(pod('unready'))
    await cluster.settle()
    await kubelets.start((await cluster.get('Pod', unready.metadata.name ?? '')) as never, false)
    await cluster.create(pod('nowhere', {}, { nodeSelector: { no: 'such' } }))
    await cluster.create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'set' },
      spec: { replicas: 4, selector: selecting('set'), template: template('set') },
    })
    for (const replicas of [3, 2, 1]) {
      await cluster.patch('ReplicaSet', 'set', { spec: { replicas } })
      await cluster.settle()
    }
    await shot('one is left')
  },

  async 'quota-usage'({ cluster, kubelets, shot }) {
    const quota = (name: string, spec: object) => ({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name },
      spec,
    })
    await cluster.create(quota('best-effort', { hard: { pods: '5' }, scopes: ['BestEffort'] }))
    await cluster.create(
      quota('all', {
        hard: {
          'requests.cpu': '2',
          'limits.memory': '4Gi',
          services: '3',
          'services.nodeports': '2',
          'count/deployments.apps': '3',
          'requests.storage': '9Gi',
          'dear.storageclass.storage.k8s.io/requests.storage': '5Gi',
        },
      }),
    )
    await cluster.settle()
    const limits = { cpu: '200m', memory: '1Gi' }
    const containers = [{ name: 'c', image: 'c:1', resources: { limits } }]
    await cluster.create(
      deployment('web', { replicas: 2, template: template('web', { containers }) }),
    )
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 31234 }] },
    } as never)
    await cluster.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: {
        storageClassName: 'dear',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '3Gi' } },
      },
    } as never)
    await kubelets.work()
    await shot('used')
    await cluster.delete('Deployment', 'web')
    await cluster.delete('Service', 'web')
    await kubelets.work()
    await shot('given back')
  },

  async 'refused-pods'({ cluster, kubelets, shot }) {
    const level = { 'pod-security.kubernetes.io/enforce': 'baseline' }
    await cluster.patch('Namespace', cluster.namespace, { metadata: { labels: level } })
    const hostile = { hostNetwork: true }
    await cluster.create(deployment('web', { replicas: 1, template: template('web', hostile) }))
    const lost = template('lost', { serviceAccountName: 'absent' })
    await cluster.create(deployment('lost', { replicas: 1, template: lost }))
    await cluster.create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'work' },
      spec: { template: { spec: { ...template('work', hostile).spec, restartPolicy: 'Never' } } },
    })
    for (const kind of ['StatefulSet', 'DaemonSet']) {
      const name = kind.toLowerCase()
      const spec = { selector: selecting(name), template: template(name, hostile) }
      await cluster.create({ apiVersion: 'apps/v1', kind, metadata: { name }, spec })
    }
    await kubelets.work()
    await shot('why')
  },

  async 'adopting-deployment'({ cluster, kubelets, shot }) {
    await cluster.create(deployment('web', { replicas: 2 }))
    await kubelets.work()
    await cluster.patch('Deployment', 'web', withImage('app:2'), { type: 'strategic' })
    await kubelets.work()
    await cluster.delete('Deployment', 'web', { propagationPolicy: 'Orphan' })
    await kubelets.work()
    await shot('orphans')
    await cluster.create(deployment('web', { replicas: 3 }))
    await kubelets.work()
    await shot('adopted')
  },

  async quota({ cluster, kubelets, shot }) {
    const hard = { pods: '2', 'count/configmaps': '10', 'requests.cpu': '1' }
    await cluster.create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few' },
      spec: { hard },
    })
    await cluster.settle()
    await cluster.create(deployment('web', { replicas: 3 }))
    await kubelets.work()
    await shot('one too many')
  },

  async replicaset({ cluster, kubelets, shot }) {
    const pod = { ...template('set'), kind: 'Pod', apiVersion: 'v1' }
    const lonely = { ...pod, metadata: { ...pod.metadata, name: 'lonely' } }
    await cluster.create(lonely)
    await kubelets.work()
    await cluster.create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'set' },
      spec: { replicas: 2, selector: selecting('set'), template: template('set') },
    })
    await kubelets.work()
    await shot('adopted')
    await cluster.patch('Pod', 'lonely', { metadata: { labels: { app: 'other' } } })
    await kubelets.work()
    await shot('released')
    const [first] = (await kubelets.pods()).filter(({ metadata }) => metadata.name !== 'lonely')
    await cluster.patch('Pod', first?.metadata.name ?? '', {
      metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } },
    })
    await cluster.patch('ReplicaSet', 'set', { spec: { replicas: 1, minReadySeconds: 1 } })
    await kubelets.work()
    await shot('smaller')
  },

  async replicationcontroller({ cluster, kubelets, shot }) {
    await cluster.create({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'old' },
      spec: { replicas: 2, selector: { app: 'old' }, template: template('old') },
    })
    await kubelets.work()
    await shot('running')
    await cluster.delete('ReplicationController', 'old', { propagationPolicy: 'Orphan' })
    await kubelets.work()
    await shot('orphans')
  },

  async foreground({ cluster, kubelets, shot }) {
    await cluster.create(deployment('web', { replicas: 2 }))
    await kubelets.work()
    const [pod] = await kubelets.pods()
    const held = { metadata: { finalizers: ['example.com/hold'] } }
    await cluster.patch('Pod', pod?.metadata.name ?? '', held)
    await cluster.delete('Deployment', 'web', { propagationPolicy: 'Foreground' })
    await cluster.settle()
    await shot('waiting for a Pod')
    await cluster.patch('Pod', pod?.metadata.name ?? '', { metadata: { finalizers: null } })
    await kubelets.work()
    await shot('gone')
  },

  async background({ cluster, kubelets, shot }) {
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'set' },
      spec: { replicas: 2, selector: selecting('set'), template: template('set') },
    }
    await cluster.create(set)
    await kubelets.work()
    await cluster.delete('ReplicaSet', 'set', { propagationPolicy: 'Orphan' })
    await kubelets.work()
    await shot('orphans')
    await cluster.create(set)
    await kubelets.work()
    await shot('adopted by another of the name')
    await cluster.delete('ReplicaSet', 'set')
    await kubelets.work()
    await shot('gone')
  },
}
