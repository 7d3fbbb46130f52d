import { builtinResources, type KubeObject, type Pod } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith } from '../../registry/strategy.suite.js'
import type { AdmissionOperation, AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { defaultAdmissionPlugins } from '../all.js'

const plugin = (name: string): AdmissionPlugin => {
  const found = defaultAdmissionPlugins().find((one) => one.name === name)
  if (!found) throw new Error(`there is no plugin ${name}`)
  return found
}

type Held = KubeObject & { at: string }
const held = (at: string, object: object): Held => ({ metadata: {}, ...object, at }) as Held

function request(
  resource: string,
  object: object | undefined,
  objects: Held[] = [],
  operation: AdmissionOperation = 'CREATE',
): AdmissionRequest & { readonly warnings: string[] } {
  const definition = builtinResources().find((one) => one.resource === resource)
  if (!definition) throw new Error(`there is no resource ${resource}`)
  const warnings: string[] = []
  return {
    operation,
    definition,
    subresource: '',
    namespace: definition.namespaced ? 'default' : undefined,
    name: 'p',
    object: object as KubeObject | undefined,
    oldObject: undefined,
    options: {},
    context: contextWith(objects),
    warn: (text) => warnings.push(text),
    warnings,
  }
}

const pod = (spec: object = {}): Pod =>
  ({
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i', resources: {} }], ...spec },
    status: {},
  }) as unknown as Pod

async function run(name: string, asked: AdmissionRequest): Promise<void> {
  await plugin(name).admit?.(asked)
  await plugin(name).validate?.(asked)
}

it('runs in the order of the real server', () => {
  expect(defaultAdmissionPlugins({ disabled: ['PodSecurity'] }).map(({ name }) => name)).toEqual([
    'NamespaceLifecycle',
    'LimitRanger',
    'ServiceAccount',
    'TaintNodesByCondition',
    'Priority',
    'DefaultTolerationSeconds',
    'DefaultStorageClass',
    'StorageObjectInUseProtection',
    'PersistentVolumeClaimResize',
    'RuntimeClass',
    'CertificateApproval',
    'CertificateSigning',
    'CertificateSubjectRestriction',
    'DefaultIngressClass',
    'PodTopologyLabels',
    'ResourceQuota',
  ])
})

describe('NamespaceLifecycle', () => {
  it.each([
    ['missing', [], 'namespaces "default" not found'],
    [
      'ending',
      [held('/namespaces', { metadata: { name: 'default' }, status: { phase: 'Terminating' } })],
      'pods "p" is forbidden: unable to create new content in namespace default because it is being terminated',
    ],
  ])('refuses what is made in a namespace that is %s', async (_what, objects, message) => {
    await expect(run('NamespaceLifecycle', request('pods', pod(), objects))).rejects.toThrow(
      message,
    )
  })

  it('keeps kube-system', async () => {
    const asked = { ...request('namespaces', undefined, [], 'DELETE'), name: 'kube-system' }
    await expect(run('NamespaceLifecycle', asked)).rejects.toThrow(
      'this namespace may not be deleted',
    )
  })
})

describe('ServiceAccount', () => {
  const account = held('/serviceaccounts', {
    metadata: { name: 'default' },
    imagePullSecrets: [{ name: 'r' }],
  })

  it('mounts a token of the default account', async () => {
    const one = pod()
    await run('ServiceAccount', request('pods', one, [account]))
    const [volume] = one.spec.volumes ?? []
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/)
    expect(one.spec.containers[0]?.volumeMounts).toEqual([
      {
        name: volume?.name,
        readOnly: true,
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ])
    expect(one.spec).toMatchObject({
      serviceAccountName: 'default',
      imagePullSecrets: [{ name: 'r' }],
    })
  })

  it('leaves alone who does not want it', async () => {
    const one = pod({ automountServiceAccountToken: false })
    await run('ServiceAccount', request('pods', one, [account]))
    expect(one.spec.volumes).toBeUndefined()
  })

  it('takes a volume for the token by its name', async () => {
    const one = pod({ volumes: [{ name: 'kube-api-access-x', emptyDir: {} }] })
    await run('ServiceAccount', request('pods', one, [account]))
    expect(one.spec.volumes).toHaveLength(1)
    expect(one.spec.containers[0]?.volumeMounts?.[0]?.name).toBe('kube-api-access-x')
  })

  it.each([
    [{ envFrom: [{ secretRef: { name: 's' } }] }, 'container c with envFrom referencing'],
    [
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      'container c with envVar A referencing',
    ],
  ])('refuses Secrets that the account does not list: %j', async (use, message) => {
    const strict = held('/serviceaccounts', {
      metadata: {
        name: 'default',
        annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' },
      },
    })
    const one = pod({ containers: [{ name: 'c', image: 'i', ...use }] })
    const asked = request('pods', one, [strict])
    await expect(run('ServiceAccount', asked)).rejects.toThrow(
      `${message} secret.secretName="s" is not allowed because service account default does not reference that secret`,
    )
  })

  it.each([
    [{ volumes: [{ name: 'v', configMap: { name: 'c' } }] }, undefined],
    [{ volumes: [{ name: 'v', secret: { secretName: 's' } }] }, 'may not reference secrets'],
    [
      {
        volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
      },
      'may not use ServiceAccountToken volume projections',
    ],
  ])('a Pod of a file of the node has no secrets: %j', async (spec, message) => {
    const one = pod(spec as object)
    one.metadata.annotations = { 'kubernetes.io/config.mirror': 'x' }
    const done = run('ServiceAccount', request('pods', one, [account]))
    if (message === undefined) await expect(done).resolves.toBeUndefined()
    else await expect(done).rejects.toThrow(`a mirror pod ${message}`)
  })

  it('refuses an account that is not there', async () => {
    const asked = request('pods', pod({ serviceAccountName: 'robot' }))
    await expect(run('ServiceAccount', asked)).rejects.toThrow(
      'error looking up service account default/robot: serviceaccount "robot" not found',
    )
  })
})

describe('Priority', () => {
  const high = held('scheduling.k8s.io/priorityclasses', {
    metadata: { name: 'high' },
    value: 100,
    preemptionPolicy: 'Never',
  })

  it('is zero for Pods of no class', async () => {
    const one = pod()
    await run('Priority', request('pods', one, [high]))
    expect(one.spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
  })

  it('comes from the class and from nowhere else', async () => {
    const one = pod({ priorityClassName: 'high' })
    await run('Priority', request('pods', one, [high]))
    expect(one.spec).toMatchObject({ priority: 100, preemptionPolicy: 'Never' })
    const own = request('pods', pod({ priorityClassName: 'high', priority: 5 }), [high])
    await expect(run('Priority', own)).rejects.toThrow(
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 100 from the given PriorityClass name',
    )
  })
})

it('DefaultTolerationSeconds adds only what is not tolerated yet', async () => {
  const one = pod({ tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }] })
  await run('DefaultTolerationSeconds', request('pods', one))
  expect(one.spec.tolerations?.map(({ key }) => key)).toEqual([
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/unreachable',
  ])
})

describe('LimitRanger', () => {
  const range = (item: object) =>
    held('/limitranges', {
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', ...item }] },
    })

  it('fills in defaults and says so', async () => {
    const one = pod()
    const limits = range({ default: { cpu: '1' }, defaultRequest: { cpu: '100m' } })
    await run('LimitRanger', request('pods', one, [limits]))
    expect(one.spec.containers[0]?.resources).toEqual({
      requests: { cpu: '100m' },
      limits: { cpu: '1' },
    })
    expect(one.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    })
  })

  it("counts a Pod without its runtime's overhead", async () => {
    const containers = [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } } }]
    const one = pod({ containers, overhead: { cpu: '1' } })
    const whole = range({ type: 'Pod', max: { cpu: '1' } })
    await expect(run('LimitRanger', request('pods', one, [whole]))).resolves.toBeUndefined()
  })

  it.each([
    [
      { min: { cpu: '1' } },
      { requests: { cpu: '10m' } },
      'minimum cpu usage per Container is 1, but request is 10m',
    ],
    [
      { max: { cpu: '1' } },
      { limits: { cpu: '2' } },
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [{ max: { cpu: '1' } }, {}, 'maximum cpu usage per Container is 1.  No limit is specified'],
  ])('refuses what is outside of %j', async (item, resources, message) => {
    const one = pod({ containers: [{ name: 'c', image: 'i', resources }] })
    await expect(run('LimitRanger', request('pods', one, [range(item)]))).rejects.toThrow(message)
  })
})

describe('PodSecurity', () => {
  const home = (labels: object) =>
    held('/namespaces', { metadata: { name: 'default', labels }, status: {} })
  const enforce = home({ 'pod-security.kubernetes.io/enforce': 'baseline' })
  const privileged = {
    containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }],
  }

  it('refuses a Pod that does too much', async () => {
    await expect(run('PodSecurity', request('pods', pod(privileged), [enforce]))).rejects.toThrow(
      'violates PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)',
    )
  })

  it('warns whoever would make such Pods', async () => {
    const template = { metadata: {}, spec: privileged }
    const asked = request('deployments', { metadata: { name: 'd' }, spec: { template } }, [enforce])
    await run('PodSecurity', asked)
    expect(asked.warnings).toEqual([
      'would violate PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)',
    ])
  })
})
