import type { KubeObject } from '@miniplane/api'
import { SYSTEM_CLASSES } from '../registry/scheduling/priority-classes.js'
import { apiServices } from './api-services.js'
import { flowControlObjects } from './flow-control.js'
import { identityObjects } from './identity.js'

export interface BootstrapOptions {
  /** Range of the cluster IPs; its first address is the API server's own Service. */
  readonly serviceCidr: string
  /** Where the server can be reached from outside the cluster. */
  readonly address: string
  readonly port: number
  /** RFC 3339; for conditions that were true from the beginning. */
  readonly now: string
  /** The machine's name, and what tells this process from others. */
  readonly hostname: string
  readonly uid: string
}

const NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default']

/**
 * What a fresh server contains, in the order in which it can be made. None of it is written over
 * what is there already.
 */
export function bootstrapObjects(options: BootstrapOptions): KubeObject[] {
  return [
    ...NAMESPACES.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      spec: {},
      status: {},
    })),
    ...Object.entries(SYSTEM_CLASSES).map(([name, { value, description }]) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description,
    })),
    ...kubernetesService(options),
    ...flowControlObjects(options.now),
    ...apiServices(options.now),
    ...identityObjects(options),
  ] as KubeObject[]
}

const HTTPS = { name: 'https', protocol: 'TCP' }

/** The Service by which Pods reach this server, and what it leads to. */
function kubernetesService({ serviceCidr, address, port, now }: BootstrapOptions): object[] {
  const clusterIP = firstAddress(serviceCidr)
  const home = { name: 'kubernetes', namespace: 'default' }
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes' },
      spec: { cidrs: [serviceCidr] },
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            lastTransitionTime: now,
            message: 'Kubernetes default Service CIDR is ready',
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...home, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        clusterIP,
        ipFamilyPolicy: 'SingleStack',
        ports: [{ ...HTTPS, port: 443, targetPort: port }],
      },
      status: { loadBalancer: {} },
    },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...home, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: address }], ports: [{ ...HTTPS, port }] }],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...home, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ ...HTTPS, port }],
    },
  ]
}

function firstAddress(cidr: string): string {
  const [network = ''] = cidr.split('/')
  const bytes = network.split('.').map(Number)
  bytes[3] = (bytes[3] ?? 0) + 1
  return bytes.join('.')
}
