import { formatTime, type KubeObject } from '@miniplane/api'
import type { FrontProxies } from '../authn/front-proxy.js'
import { SYSTEM_CLASSES } from '../registry/scheduling/priority-classes.js'
import { apiServices } from './api-services.js'
import { authenticationTrust } from './authentication-trust.js'
import { flowControlObjects } from './flow-control.js'
import { identityObjects } from './identity.js'

export interface BootstrapOptions {
  /** Range of the cluster IPs; its first address is the API server's own Service. */
  readonly serviceCidr: string
  /** Where the server can be reached from outside the cluster. */
  readonly address: string
  readonly port: number
  readonly nowMs: number
  /** The machine's name, and what tells this process from others. */
  readonly hostname: string
  readonly uid: string
  /** PEM of those whose client certificates are taken; undefined: nobody's are. */
  readonly clientAuthorities: string | undefined
  /** Who may say in headers who asks. */
  readonly frontProxies?: FrontProxies | undefined
}

const NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default']

/**
 * What a fresh server contains, in the order in which it can be made: what it makes when it starts,
 * and what it also keeps there (`keepObjects`).
 */
export function bootstrapObjects(options: BootstrapOptions): KubeObject[] {
  return [
    ...namespaces(),
    ...Object.entries(SYSTEM_CLASSES).map(([name, { value, description }]) => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description,
    })),
    ...lastingObjects(options),
    ...apiServices(formatTime(options.nowMs)),
  ] as KubeObject[]
}

/** What a server makes again when somebody has removed it. */
export function lastingObjects(options: BootstrapOptions): KubeObject[] {
  const { clientAuthorities, frontProxies, address, port, nowMs } = options
  return [
    ...namespaces(),
    ...kubernetesService(options),
    ...flowControlObjects(formatTime(nowMs)),
    ...identityObjects({ ...options, advertised: `${address}:${port}` }),
    ...(clientAuthorities === undefined
      ? []
      : [authenticationTrust(clientAuthorities, frontProxies)]),
  ] as KubeObject[]
}

const namespaces = (): object[] =>
  NAMESPACES.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
    spec: {},
    status: {},
  }))

const HTTPS = { name: 'https', protocol: 'TCP' }

/** The Service by which Pods reach this server, and what it leads to. */
function kubernetesService(options: BootstrapOptions): object[] {
  const { serviceCidr, address, port, nowMs } = options
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
            lastTransitionTime: formatTime(nowMs),
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
