import { deployment, podSpec, type Scenario } from './stage.js'

const service = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, ...metadata },
  spec,
})

/** Services and who answers for them; budgets and autoscalers of those. */
export const services: Readonly<Record<string, Scenario>> = {
  async service({ cluster, kubelets, shot }) {
    const ports = [
      { name: 'http', port: 80, targetPort: 'web' },
      { name: 'admin', port: 81, targetPort: 8081, appProtocol: 'example.com/admin' },
    ]
    const containers = [
      { name: 'app', image: 'app:1', ports: [{ name: 'web', containerPort: 8080 }] },
    ]
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers } }
    await cluster.create(service('web', { selector: { app: 'web' }, ports }))
    await cluster.settle()
    await shot('nobody there')
    await cluster.create(deployment('web', { replicas: 2, template }))
    await kubelets.work()
    await shot('two Pods')
    const [pod] = await kubelets.pods()
    if (pod) await kubelets.start(pod, false)
    await cluster.settle()
    await shot('one is not ready')
    await cluster.patch('Service', 'web', { metadata: { labels: { tier: 'front' } } })
    await cluster.settle()
    await shot('labelled')
    await cluster.delete('Service', 'web')
    await cluster.settle()
    await shot('without the Service')
  },

  async headless({ cluster, kubelets, shot }) {
    const spec = { clusterIP: 'None', selector: { app: 'db' }, publishNotReadyAddresses: true }
    await cluster.create(service('db', spec))
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db-0', labels: { app: 'db' } },
      spec: {
        hostname: 'first',
        subdomain: 'db',
        containers: [{ name: 'c', image: 'c:1' }],
        terminationGracePeriodSeconds: 0,
      },
    })
    await cluster.settle()
    for (const pod of await kubelets.pods()) await kubelets.start(pod, false)
    await kubelets.work()
    await shot('one Pod that is not ready')
  },

  async 'no-selector'({ cluster, shot }) {
    await cluster.create(service('out', { ports: [{ port: 5432 }] }))
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'out', labels: { tier: 'data' } },
      subsets: [
        {
          addresses: [{ ip: '198.51.100.7', hostname: 'a' }],
          notReadyAddresses: [{ ip: '198.51.100.8' }],
          ports: [{ port: 5432 }],
        },
      ],
    } as never)
    await cluster.settle()
    await shot('mirrored')
  },

  async 'split-ports'({ cluster, kubelets, shot }) {
    const spec = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'web' }] }
    await cluster.create(service('web', spec))
    for (const containerPort of [8080, 9090]) {
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `at-${containerPort}`, labels: { app: 'web' } },
        spec: podSpec({
          containers: [{ name: 'c', image: 'c:1', ports: [{ name: 'web', containerPort }] }],
        }),
      } as never)
    }
    await cluster.create(
      service('elsewhere', { type: 'ExternalName', externalName: 'example.com' }),
    )
    await kubelets.work()
    await shot('two slices')
  },

  async budget({ cluster, kubelets, shot, note }) {
    await cluster.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: '50%', selector: { matchLabels: { app: 'web' } } },
    })
    await cluster.settle()
    await shot('nothing to protect')
    await cluster.create(deployment('web', { replicas: 3 }))
    await kubelets.work()
    await shot('three Pods')
    const eviction = (name = '') => ({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name },
    })
    const answers: string[] = []
    for (const { metadata } of await kubelets.pods()) {
      const asked = cluster.post('Pod', metadata.name ?? '', 'eviction', eviction(metadata.name))
      answers.push(await cluster.refusal(asked))
      await cluster.settle()
    }
    note('evictions', answers)
    await shot('one evicted')
  },

  async 'bare-budget'({ cluster, kubelets, shot }) {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bare', labels: { app: 'bare' } },
      spec: { containers: [{ name: 'c', image: 'c:1' }], terminationGracePeriodSeconds: 0 },
    }
    await cluster.create(pod)
    await kubelets.work()
    await cluster.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'bare' },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'bare' } } },
    })
    await cluster.settle()
    await shot('no controller, no scale')
  },

  async 'budget-of-a-set'({ cluster, kubelets, shot }) {
    const labels = (app: string) => ({ labels: { app } })
    const containers = [{ name: 'c', image: 'c:1' }]
    await cluster.create({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        replicas: 3,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: { app: 'db' } },
        template: { metadata: labels('db'), spec: { containers } },
      },
    } as never)
    await kubelets.work()
    await cluster.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'share' },
      spec: { maxUnavailable: '34%', selector: { matchLabels: { app: 'db' } } },
    })
    await kubelets.work()
    const [pod] = await kubelets.pods()
    if (pod) await kubelets.start(pod, false)
    await cluster.settle()
    await shot('one is not ready')
  },

  async 'autoscalers-of-all-kinds'({ cluster, kubelets, shot, pass }) {
    const averageValue = { type: 'AverageValue', averageValue: '10' }
    const metric = { name: 'load' }
    const describedObject = { apiVersion: 'v1', kind: 'Service', name: 'web' }
    const percent = { type: 'Utilization', averageUtilization: 50 }
    const metrics: Record<string, object> = {
      resource: { type: 'Resource', resource: { name: 'memory', target: averageValue } },
      container: {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'app', target: percent },
      },
      pods: { type: 'Pods', pods: { metric, target: averageValue } },
      object: { type: 'Object', object: { metric, describedObject, target: averageValue } },
      external: { type: 'External', external: { metric, target: averageValue } },
    }
    for (const [name, spec] of Object.entries(metrics)) {
      await cluster.create(deployment(name, { replicas: 1 }))
      const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name }
      await cluster.create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name },
        spec: { scaleTargetRef, maxReplicas: 5, metrics: [spec] },
      } as never)
    }
    await kubelets.work()
    await pass(16)
    await cluster.settle()
    await shot('without metrics')
  },

  async autoscaler({ cluster, kubelets, shot, pass }) {
    await cluster.create(deployment('web', { replicas: 1 }))
    await kubelets.work()
    const target = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name })
    const autoscaler = (name: string, scaled: string, minReplicas: number) => ({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name },
      spec: { scaleTargetRef: target(scaled), minReplicas, maxReplicas: 5 },
    })
    await cluster.create(autoscaler('web', 'web', 2))
    await cluster.create(autoscaler('lost', 'nobody', 1))
    await pass(16)
    await kubelets.work()
    await shot('without metrics')
  },
}
