import { deployment, podSpec, type Scenario } from './stage.js'

const configMap = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
})

const pod = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: podSpec(spec),
})

const volume = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '2Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/data' },
    ...spec,
  },
})

const claim = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  },
})

/** What concerns more than a namespace's workloads: owners, nodes, volumes, roles. */
export const clusterWide: Readonly<Record<string, Scenario>> = {
  async owners({ cluster, shot }) {
    const owner = await cluster.create(configMap('owner'))
    const other = await cluster.create(configMap('other'))
    const owned = (by: typeof owner, more: object = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: by.metadata.name,
      uid: by.metadata.uid,
      ...more,
    })
    const ofBoth = [owned(owner), owned(other)]
    await cluster.create(configMap('dependent', { ownerReferences: [owned(owner)] }))
    await cluster.create(configMap('shared', { ownerReferences: ofBoth }))
    const absent = [{ ...owned(owner), uid: '00000000-0000-4000-8000-000000000000' }]
    await cluster.create(configMap('orphan-of-another', { ownerReferences: absent }))
    await cluster.settle()
    await shot('with owners')
    await cluster.delete('ConfigMap', 'owner')
    await cluster.settle()
    await shot('one owner less')
    await cluster.delete('ConfigMap', 'other', { propagationPolicy: 'Orphan' })
    await cluster.settle()
    await shot('no owner')
  },

  async 'wrong-owners'({ cluster, shot }) {
    const here = await cluster.create(configMap('here'))
    const owned = (owner: object) => ({
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'here', ...owner }],
    })
    const { uid } = here.metadata
    await cluster.create(configMap('other-kind', owned({ uid, kind: 'Secret' })))
    await cluster.create(configMap('other-name', owned({ uid, name: 'there' })))
    await cluster.create(configMap('no-such-kind', owned({ uid, kind: 'Nothing' })))
    await cluster.settle()
    await shot('who stays')
    await cluster.delete('ConfigMap', 'here', { propagationPolicy: 'Foreground' })
    await cluster.settle()
    await shot('and then')
  },

  async 'scheduling-reasons'({ cluster, kubelets, shot }) {
    const here = { nodeSelector: { group: 'common' } }
    const app = (name: string) => ({ labels: { app: name } })
    const apart = (name: string) => ({
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app: name } }, topologyKey: 'group' },
        ],
      },
    })
    const together = {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app: 'nobody' } }, topologyKey: 'group' },
        ],
      },
    }
    const port = [{ name: 'c', image: 'c:1', ports: [{ containerPort: 80, hostPort: 8123 }] }]
    const asking = (requests: object) => [
      { name: 'c', image: 'c:1', resources: { requests, limits: requests } },
    ]
    await cluster.create(pod('alone', { ...here, affinity: apart('alone') }, app('alone')))
    await kubelets.work()
    await cluster.create(pod('alone-too', { ...here, affinity: apart('alone') }, app('alone')))
    await cluster.create(pod('hated', here, app('alone')))
    await cluster.create(pod('lonely', { ...here, affinity: together }))
    const onOne = { nodeSelector: { 'kubernetes.io/hostname': 'node-3' } }
    await cluster.create(pod('port', { ...onOne, containers: port }))
    await cluster.settle()
    await cluster.create(pod('port-too', { ...onOne, containers: port }))
    await cluster.create(pod('device', { containers: asking({ 'example.com/device': '1' }) }))
    await cluster.create(
      pod('huge', {
        containers: asking({ cpu: '33', memory: '300Gi', 'ephemeral-storage': '1Gi' }),
      }),
    )
    await cluster.create(pod('only-preemption', { nodeSelector: { only: 'preemption' } }))
    await cluster.create(
      pod(
        'skewed',
        {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'absent-key',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: { app: 'skewed' } },
            },
          ],
        },
        app('skewed'),
      ),
    )
    await cluster.create(pod('elsewhere', { schedulerName: 'another' }))
    await kubelets.work()
    await shot('why')
  },

  async prebound({ cluster, shot }) {
    const shared = ['for-claim', 'for-nobody', 'small'].map(
      (name) => ['PersistentVolume', name] as const,
    )
    const storageClassName = 'prebound'
    const claimRef = { namespace: cluster.namespace, name: 'reserved' }
    await cluster.create(volume('for-claim', { storageClassName, claimRef }))
    await cluster.create(
      volume('for-nobody', { storageClassName, claimRef: { ...claimRef, name: 'nobody' } }),
    )
    await cluster.create(volume('small', { storageClassName, capacity: { storage: '1Mi' } }))
    await cluster.create(claim('reserved', { storageClassName }))
    await cluster.create(claim('too-small', { storageClassName, volumeName: 'small' }))
    await cluster.create(claim('taken', { storageClassName, volumeName: 'for-nobody' }))
    await cluster.create(claim('not-there', { storageClassName, volumeName: 'absent' }))
    await cluster.settle()
    await shot('bound', shared)
    await cluster.delete('PersistentVolume', 'for-claim')
    await cluster.settle()
    await shot('still in use', shared)
    for (const [, name] of shared) await cluster.delete('PersistentVolume', name)
  },

  async ephemeral({ cluster, kubelets, shot }) {
    const ephemeral = {
      volumeClaimTemplate: {
        metadata: { labels: { a: 'b' } },
        spec: claim('x', { storageClassName: 'absent' }).spec,
      },
    }
    await cluster.create(claim('taken-v', { storageClassName: 'absent' }))
    await cluster.create(pod('user', { volumes: [{ name: 'v', ephemeral }] }))
    await cluster.create(pod('taken', { volumes: [{ name: 'v', ephemeral }] }))
    await cluster.settle()
    await shot('a claim')
    await cluster.delete('Pod', 'user')
    await kubelets.work()
    await shot('gone')
  },

  async namespace({ cluster, kubelets, shot, pass }) {
    await cluster.create(deployment('web', { replicas: 1 }))
    await kubelets.work()
    await cluster.create(configMap('held', { finalizers: ['example.com/hold'] }))
    await cluster.delete('Namespace', cluster.namespace)
    await pass(6)
    await kubelets.work()
    await shot('held', [['Namespace', cluster.namespace]])
    await cluster.patch('ConfigMap', 'held', { metadata: { finalizers: null } })
    await pass(10)
    await cluster.settle()
    await shot('gone', [['Namespace', cluster.namespace]])
  },

  async scheduling({ cluster, kubelets, shot }) {
    const containers = [
      { name: 'c', image: 'c:1', resources: { requests: { cpu: '100', memory: '1Gi' } } },
    ]
    await cluster.create(pod('big', { containers }))
    await cluster.create(pod('picky', { nodeSelector: { no: 'such' } }))
    await cluster.create(pod('gated', { schedulingGates: [{ name: 'example.com/wait' }] }))
    await cluster.create(pod('placed', { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }))
    await kubelets.work()
    await shot('three wait')
    await cluster.patch('Pod', 'gated', { spec: { schedulingGates: null } })
    await kubelets.work()
    await shot('the gate is open')
  },

  async preemption({ cluster, kubelets, shot }) {
    await cluster.create({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'preempting' },
      value: 1000,
    } as never)
    const small = { nodeSelector: { only: 'preemption' }, tolerations: [{ operator: 'Exists' }] }
    const asking = (cpu: string) => ({
      ...small,
      containers: [{ name: 'c', image: 'c:1', resources: { requests: { cpu } } }],
    })
    await cluster.create(pod('low', asking('3')))
    await kubelets.work()
    await cluster.create(pod('high', { ...asking('3'), priorityClassName: 'preempting' }))
    await cluster.settle()
    await shot('a victim')
    await kubelets.work()
    await shot('preempted')
  },

  async taint({ cluster, kubelets, shot, pass }) {
    const there = { nodeSelector: { only: 'taint' } }
    const reserved = { key: 'reserved', operator: 'Exists' }
    const broken = { key: 'example.com/broken', operator: 'Exists', effect: 'NoExecute' }
    const brief = [reserved, { ...broken, tolerationSeconds: 3 }]
    const always = [reserved, broken]
    await cluster.create(pod('at-once', { ...there, tolerations: [reserved] }))
    await cluster.create(pod('soon', { ...there, tolerations: brief }))
    await cluster.create(pod('stays', { ...there, tolerations: always }))
    await kubelets.work()
    const own = { key: 'reserved', effect: 'NoSchedule' }
    const taints = [own, { key: 'example.com/broken', effect: 'NoExecute' }]
    await cluster.patch('Node', 'node-taint', { spec: { taints } })
    await kubelets.work()
    await pass(5)
    await kubelets.work()
    await shot('evicted')
    await cluster.patch('Node', 'node-taint', { spec: { taints: [own] } })
  },

  async volumes({ cluster, kubelets, shot }) {
    const shared = [['PersistentVolume', 'manual']] as const
    await cluster.create(volume('manual', { storageClassName: 'manual' }))
    await cluster.settle()
    await shot('a volume', shared)
    await cluster.create(claim('data', { storageClassName: 'manual' }))
    await cluster.create(claim('alone', { storageClassName: '' }))
    await cluster.settle()
    await shot('bound', shared)
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
    await cluster.create(pod('user', { volumes }))
    await cluster.create(
      pod('waits', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'alone' } }] }),
    )
    await cluster.create(
      pod('lost', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }] }),
    )
    await kubelets.work()
    await cluster.delete('PersistentVolumeClaim', 'data')
    await cluster.settle()
    await shot('in use', shared)
    await cluster.delete('Pod', 'user')
    await kubelets.work()
    await shot('released', shared)
    await cluster.delete('PersistentVolume', 'manual')
  },

  async 'late-volumes'({ cluster, kubelets, shot, pass }) {
    const shared = [['PersistentVolume', 'late-1']] as const
    await cluster.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'late' },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    } as never)
    await cluster.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'dynamic' },
      provisioner: 'example.com/nobody',
    } as never)
    await cluster.create(claim('data', { storageClassName: 'late' }))
    await cluster.create(claim('asked', { storageClassName: 'dynamic' }))
    await cluster.settle()
    await shot('waiting')
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
    await cluster.create(pod('user', { volumes }))
    await pass(16)
    await cluster.settle()
    await shot('nothing to bind')
    await cluster.create(volume('late-1', { storageClassName: 'late' }))
    await kubelets.work()
    await shot('bound by the scheduler', shared)
  },

  async roles({ cluster, shot }) {
    const role = (name: string, more: object, labels: object = {}) =>
      ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name, labels },
        ...more,
      }) as never
    const labels = { 'example.com/part': 'yes' }
    const rule = (resource: string) => [{ apiGroups: [''], resources: [resource], verbs: ['get'] }]
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: labels }] }
    await cluster.create(role('sum', { aggregationRule, rules: [] }))
    await cluster.create(role('part-b', { rules: rule('secrets') }, labels))
    await cluster.create(role('part-a', { rules: rule('pods') }, labels))
    await cluster.settle()
    await shot('summed up', [['ClusterRole', 'sum']])
  },

  async 'lost-pod'({ cluster, shot, pass }) {
    await cluster.create(pod('lost', { nodeName: 'nowhere' }))
    await pass(75)
    await cluster.settle()
    await shot('collected')
  },

  async 'attributes-class'({ cluster, shot }) {
    const named = [['VolumeAttributesClass', 'fast']] as const
    await cluster.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttributesClass',
      metadata: { name: 'fast' },
      driverName: 'example.com/driver',
      parameters: { speed: 'high' },
    } as never)
    await cluster.create(
      claim('data', { storageClassName: 'absent', volumeAttributesClassName: 'fast' }),
    )
    await cluster.settle()
    await shot('protected', named)
    await cluster.delete('VolumeAttributesClass', 'fast')
    await cluster.settle()
    await shot('in use', named)
    await cluster.delete('PersistentVolumeClaim', 'data')
    await cluster.settle()
    await shot('gone', named)
  },

  async 'silent-node'({ cluster, kubelets, nodes, shot, pass }) {
    const only = { nodeSelector: { only: 'silence' }, tolerations: [{ operator: 'Exists' }] }
    await cluster.create(pod('left-alone', only))
    await kubelets.work()
    nodes.silence('node-silent')
    await pass(70)
    await cluster.settle()
    await shot('nobody hears of it', [['Node', 'node-silent']])
  },

  async nodes({ cluster, shot }) {
    await cluster.settle()
    await shot('as registered', [['Node', 'node-1']])
  },
}
