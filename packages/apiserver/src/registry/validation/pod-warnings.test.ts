import { FieldPath, type PodSpec } from '@miniplane/api'
import { expect, it } from 'vitest'
import { podNameWarnings, podWarnings } from './pod-warnings.js'

const container = (name: string, more: object = {}) => ({
  name,
  image: 'i',
  resources: {},
  ...more,
})
const port = (containerPort: number, more: object = {}) => ({
  containerPort,
  protocol: 'TCP',
  ...more,
})
const warningsOf = (spec: object, metadata: object = {}, path = FieldPath.root) =>
  podWarnings({ metadata, spec: { containers: [container('c')], ...spec } as PodSpec }, path)

const files = (...paths: string[]) => paths.map((path) => ({ key: 'k', path }))

it.each<[string, object, string[]]>([
  [
    'old node labels',
    {
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] },
            ],
          },
        },
      },
      topologySpreadConstraints: [{ topologyKey: 'failure-domain.beta.kubernetes.io/zone' }],
    },
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
      'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    'addresses in odd spellings',
    {
      dnsConfig: { nameservers: ['2001:DB8::1', '1.1.1.1'] },
      hostAliases: [{ ip: '01.2.3.4' }, { ip: '::ffff:1.2.3.4' }],
    },
    [
      'spec.dnsConfig.nameservers[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
      'spec.hostAliases[0].ip: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"',
      'spec.hostAliases[1].ip: non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"',
    ],
  ],
  [
    'secrets named twice, and not at all',
    { imagePullSecrets: [{}, { name: 'a' }, { name: 'a' }] },
    [
      'spec.imagePullSecrets[2].name: duplicate name "a"',
      'spec.imagePullSecrets[0].name: invalid empty name ""',
    ],
  ],
  [
    'volumes of old',
    {
      volumes: [
        { name: 'v', gitRepo: { repository: 'r' } },
        { name: 'w', storageos: {} },
      ],
    },
    [
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+',
    ],
  ],
  [
    'files over files',
    {
      volumes: [
        { name: 'v', configMap: { name: 'c', items: files('a', 'a/b') } },
        {
          name: 'w',
          projected: { sources: [{}, { secret: { name: 's', items: files('x', 'y', 'x/') } }] },
        },
      ],
    },
    [
      'volume "v" (ConfigMap "c"): overlapping paths: "a/b" with "a"',
      'volume "w" (Projected) has no sources provided',
      'volume "w" (Projected Secret "s"): overlapping paths: "x" with "x"',
      'volume "w" (Projected Secret "s"): overlapping paths: "x" with "x"',
    ],
  ],
  [
    'ports in the way of others',
    {
      containers: [
        container('a', {
          ports: [port(80), port(90, { hostPort: 90 }), port(70, { hostIP: '1.2.3.4' })],
        }),
        container('b', { ports: [port(80), port(90, { hostPort: 90, hostIP: '1.2.3.4' })] }),
      ],
    },
    [
      'spec.containers[0].ports[2]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:70 Protocol:TCP HostIP:1.2.3.4}',
      'spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[1]',
    ],
  ],
  [
    'parts of bytes',
    { overhead: { memory: '100m' } },
    ['spec.overhead[memory]: fractional byte value "100m" is invalid, must be an integer'],
  ],
  [
    'affinity to nothing',
    {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: 'k' } },
          ],
        },
      },
    },
    [
      'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
])('a Pod with %s', (_what, spec, warnings) => {
  expect(warningsOf(spec)).toEqual(warnings)
})

it('an annotation is told of when the field that replaced it is not set', () => {
  const annotations = {
    'container.seccomp.security.alpha.kubernetes.io/c': 'x',
    'container.apparmor.security.beta.kubernetes.io/c': 'x',
    'security.alpha.kubernetes.io/sysctls': 'x',
  }
  const path = FieldPath.of('spec', 'template')
  const at = 'spec.template.metadata.annotations'
  expect(warningsOf({}, { annotations }, path)).toEqual([
    `${at}[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead`,
    `${at}[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead`,
    `${at}[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead`,
  ])
  const securityContext = { seccompProfile: {}, appArmorProfile: {} }
  const containers = [container('c', { securityContext })]
  expect(warningsOf({ containers }, { annotations }, path)).toHaveLength(1)
})

it('a workload whose Pods could have no host names is told so', () => {
  expect(podNameWarnings({ name: 'a.b' })).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
  ])
})
