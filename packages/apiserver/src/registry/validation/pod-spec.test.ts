import type { Container, Pod, PodSpec, Volume } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { pods } from '../core/pods.js'
import { faultsOf } from '../strategy.suite.js'

const container = (extra: object = {}) =>
  ({ name: 'c', image: 'nginx:1', resources: {}, ...extra }) as Container
const faults = (spec: object, containers: object[] = [container()]) =>
  faultsOf(pods, {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers, ...spec } as unknown as PodSpec,
    status: {},
  } as Pod)

describe('a volume is refused for', () => {
  const V = 'spec.volumes[0]'
  it.each<[string, Partial<Volume>, string[]]>([
    [
      'a name of iSCSI that is none',
      { iscsi: { targetPortal: 'h', iqn: 'x', lun: 256, chapAuthSession: true } },
      [
        `${V}.iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa`,
        `${V}.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive`,
        `${V}.iscsi.secretRef: Required value`,
      ],
    ],
    [
      'targets of both kinds',
      { fc: { targetWWNs: ['a'], wwids: ['b'] } },
      [
        `${V}.fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously`,
        `${V}.fc.lun: Required value: lun is required if targetWWNs is specified`,
      ],
    ],
    [
      'a partition out of bounds',
      { gcePersistentDisk: { pdName: 'd', partition: 256 } },
      [`${V}.persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive`],
    ],
    [
      'options of Kubernetes itself',
      { flexVolume: { driver: 'd', options: { 'x.k8s.io/a': 'b' } } },
      [
        `${V}.flexVolume.options[x.k8s.io/a]: Invalid value: "x.k8s.io/a": kubernetes.io and k8s.io namespaces are reserved`,
      ],
    ],
    [
      'a disk of the wrong kind',
      { azureDisk: { diskName: 'd', diskURI: 'x', kind: 'Managed' } },
      [
        `${V}.azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"`,
      ],
    ],
    [
      'two sources',
      { emptyDir: {}, cephfs: { monitors: ['m'] } },
      [`${V}.cephFS: Forbidden: may not specify more than 1 volume type`],
    ],
    [
      'two projections in one',
      { projected: { sources: [{ secret: { name: 's' }, configMap: { name: 'c' } }] } },
      [`${V}.projected.sources[0]: Forbidden: may not specify more than 1 volume type per source`],
    ],
    ['a driver without a name', { csi: { driver: '' } }, [`${V}.csi.driver: Required value`]],
  ])('%s', (_what, source, expected) => {
    expect(faults({ volumes: [{ name: 'v', ...source }] })).toEqual(expected)
  })
})

describe('a Pod is refused for', () => {
  const C = 'spec.containers[0]'
  it.each<[string, object, object, string[]]>([
    [
      'restart rules without a policy',
      {},
      { restartPolicyRules: [{ action: 'X' }] },
      [
        `${C}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`,
        `${C}.restartPolicyRules[0].action: Unsupported value: "X": supported values: "Restart", "RestartAllContainers"`,
        `${C}.restartPolicyRules[0].exitCodes: Required value: must be specified`,
      ],
    ],
    [
      'what Windows does not have',
      { os: { name: 'windows' }, securityContext: { fsGroup: 1 } },
      { securityContext: { privileged: true } },
      [
        'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
        `${C}.securityContext.privileged: Forbidden: cannot be set for a windows pod`,
      ],
    ],
    [
      'users of its own on the network of the host',
      { hostUsers: false, hostNetwork: true, hostIPC: true },
      {},
      [
        'spec.hostNetwork: Forbidden: when `hostUsers` is false',
        'spec.HostIPC: Forbidden: when `hostUsers` is false',
      ],
    ],
    [
      'two names for one host',
      { hostnameOverride: 'a', setHostnameAsFQDN: true },
      {},
      ['spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true'],
    ],
    [
      'a claim of no source, used twice',
      { resourceClaims: [{ name: 'g' }] },
      { resources: { claims: [{ name: 'g' }, { name: 'g', request: 'r' }, { name: 'x' }] } },
      [
        'spec.resourceClaims[0]: Invalid value: {"Name":"g","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        `${C}.resources.claims[1]: Duplicate value: "g"`,
        `${C}.resources.claims[2]: Not found: "x": must be one of the names in pod.spec.resourceClaims: g`,
      ],
    ],
    [
      'less for all than one container may have',
      { resources: { limits: { cpu: '1', storage: '1' } } },
      { resources: { limits: { cpu: '2' }, requests: { cpu: '1' } } },
      [
        'spec.resources.limits[storage]: Unsupported value: "storage": supported values: "cpu", "hugepages-", "memory"',
        'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
      ],
    ],
    [
      'fewer huge pages for all than its containers have',
      { resources: { limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } } },
      { resources: { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } } },
      [
        'spec.resources.requests[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container requests of 4Mi',
        'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container limits of 4Mi',
        'spec.resources.containers[0][hugepages-2Mi].limits: Invalid value: "4Mi": must be less than or equal to pod limits of 2Mi',
      ],
    ],
    [
      'devices on paths of mounts',
      { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
      {
        volumeMounts: [{ name: 'v', mountPath: '/a' }],
        volumeDevices: [{ name: 'w', devicePath: '/../x' }],
      },
      [
        `${C}.volumeDevices[0].name: Not found: "w"`,
        `${C}.volumeDevices[0].devicePath: Invalid value: "/../x": can not contain backsteps ('..')`,
      ],
    ],
    [
      'divisors that do not divide',
      {},
      {
        env: [
          { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
        ],
      },
      [
        `${C}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
      ],
    ],
    [
      'variables from a file of no empty directory',
      { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
      {
        env: [
          { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'f', key: 'k' } } },
          { name: 'B', valueFrom: { fileKeyRef: { volumeName: 'w', path: '../f', key: 'k' } } },
        ],
      },
      [
        `${C}.env[1].valueFrom.fileKeyRef.path: Invalid value: "../f": must not contain '..'`,
        `${C}.env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir`,
        `${C}.env[1].valueFrom.fileKeyRef.volumeName: Not found: "w"`,
      ],
    ],
  ])('%s', (_what, spec, extra, expected) => {
    expect(faults(spec, [container(extra)])).toEqual(expected)
  })
})

it('a Pod with a period of grace below nothing has one second', () => {
  const spec = { containers: [container({})], terminationGracePeriodSeconds: -1 }
  const draft = { metadata: { name: 'x', namespace: 'default' }, spec, status: {} }
  pods.setDefaults?.(draft as never)
  expect(draft.spec.terminationGracePeriodSeconds).toBe(1)
})

it.each<[string, object, object]>([
  ['only requests', { requests: { cpu: '1' } }, { requests: { cpu: '1' } }],
  [
    'a limit',
    { limits: { cpu: '2' } },
    { limits: { cpu: '2' }, requests: { cpu: '1', memory: '1Mi' } },
  ],
])('a Pod that says %s as a whole says the rest as its containers do', (_what, whole, expected) => {
  const resources = { requests: { cpu: '1', memory: '1Mi' } }
  const spec = { containers: [container({ resources })], resources: whole }
  const draft = { metadata: { name: 'x', namespace: 'default' }, spec, status: {} }
  pods.setDefaults?.(draft as never)
  expect(draft.spec.resources).toEqual(expected)
})
