/** Written by the server, and kept by it as long as nobody says otherwise. */
const ANNOTATIONS = { 'apf.kubernetes.io/autoupdate-spec': 'true' }
const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1'

interface Level {
  readonly shares: number
  readonly lendable: number
  /** Absent: what is too much is rejected and not queued. */
  readonly queues?: readonly [queues: number, handSize: number]
}

/** How the server's capacity is shared. Source: KEP-1040, the default configuration. */
const LEVELS: Readonly<Record<string, Level>> = {
  'catch-all': { shares: 5, lendable: 0 },
  'global-default': { shares: 20, lendable: 50, queues: [128, 6] },
  'leader-election': { shares: 10, lendable: 0, queues: [16, 4] },
  'node-high': { shares: 40, lendable: 25, queues: [64, 6] },
  system: { shares: 30, lendable: 33, queues: [64, 6] },
  'workload-high': { shares: 40, lendable: 50, queues: [128, 6] },
  'workload-low': { shares: 100, lendable: 90, queues: [128, 6] },
}
const QUEUE_LENGTH = 50

const group = (name: string) => ({ kind: 'Group', group: { name } })
const user = (name: string) => ({ kind: 'User', user: { name: `system:${name}` } })
const account = (name: string, namespace = 'kube-system') => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace, name },
})
const EVERYBODY = [group('system:unauthenticated'), group('system:authenticated')]
const NODES = group('system:nodes')
const LEADERS = [user('kube-controller-manager'), user('kube-scheduler'), account('*')]
const CONTROLLERS = user('kube-controller-manager')
const SCHEDULER = user('kube-scheduler')

const ALL_RESOURCES = {
  verbs: ['*'],
  apiGroups: ['*'],
  resources: ['*'],
  clusterScope: true,
  namespaces: ['*'],
}
const ALL_PATHS = { verbs: ['*'], nonResourceURLs: ['*'] }
const ANYTHING = { resourceRules: [ALL_RESOURCES], nonResourceRules: [ALL_PATHS] }
const leases = (namespaces: readonly string[], verbs: readonly string[]) => ({
  resourceRules: [{ verbs, apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces }],
})

interface Schema {
  readonly level: string
  readonly precedence: number
  readonly by?: 'ByUser' | 'ByNamespace'
  readonly rules: readonly object[]
}

/** Which requests go to which level; the lowest precedence that matches wins. */
const SCHEMAS: Readonly<Record<string, Schema>> = {
  'catch-all': {
    level: 'catch-all',
    precedence: 10000,
    by: 'ByUser',
    rules: [{ subjects: EVERYBODY, ...ANYTHING }],
  },
  exempt: {
    level: 'exempt',
    precedence: 1,
    rules: [{ subjects: [group('system:masters')], ...ANYTHING }],
  },
  'global-default': {
    level: 'global-default',
    precedence: 9900,
    by: 'ByUser',
    rules: [{ subjects: EVERYBODY, ...ANYTHING }],
  },
  'kube-controller-manager': {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rules: [{ subjects: [CONTROLLERS], ...ANYTHING }],
  },
  'kube-scheduler': {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rules: [{ subjects: [SCHEDULER], ...ANYTHING }],
  },
  'kube-system-service-accounts': {
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    rules: [{ subjects: [account('*')], ...ANYTHING }],
  },
  probes: {
    level: 'exempt',
    precedence: 2,
    rules: [
      {
        subjects: EVERYBODY,
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
      },
    ],
  },
  'service-accounts': {
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    rules: [{ subjects: [group('system:serviceaccounts')], ...ANYTHING }],
  },
  'system-leader-election': {
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    rules: [{ subjects: LEADERS, ...leases(['*'], ['get', 'create', 'update']) }],
  },
  'system-node-high': {
    level: 'node-high',
    precedence: 400,
    by: 'ByUser',
    rules: [
      {
        subjects: [NODES],
        resourceRules: [
          {
            verbs: ['*'],
            apiGroups: [''],
            resources: ['nodes', 'nodes/status'],
            clusterScope: true,
            namespaces: ['*'],
          },
          {
            verbs: ['*'],
            apiGroups: ['coordination.k8s.io'],
            resources: ['leases'],
            namespaces: ['*'],
          },
        ],
      },
    ],
  },
  'system-nodes': {
    level: 'system',
    precedence: 500,
    by: 'ByUser',
    rules: [{ subjects: [NODES], ...ANYTHING }],
  },
}
/** Needed before anything else can be matched. */
const FIRST = ['exempt', 'catch-all']

export function flowControlObjects(now: string): object[] {
  const names = Object.keys(SCHEMAS).sort((a, b) => rank(a) - rank(b))
  return [
    exemptLevel(),
    ...Object.entries(LEVELS).map(([name, level]) => limitedLevel(name, level)),
    ...names.map((name) => flowSchema(name, SCHEMAS[name] as Schema, now)),
  ]
}

/** The spec that nobody may change: what the server could not do without. */
export function mandatorySpec(kind: string, name: string | undefined): object | undefined {
  if (!FIRST.includes(name ?? '')) return undefined
  for (const object of flowControlObjects('')) {
    const one = object as { kind: string; metadata: { name: string }; spec: object }
    if (one.kind === kind && one.metadata.name === name) return one.spec
  }
  return undefined
}

const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length)

const exemptLevel = () => ({
  apiVersion: API_VERSION,
  kind: 'PriorityLevelConfiguration',
  metadata: { name: 'exempt', annotations: ANNOTATIONS },
  spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
})

function limitedLevel(name: string, { shares, lendable, queues }: Level): object {
  const limitResponse = queues
    ? {
        type: 'Queue',
        queuing: { queues: queues[0], handSize: queues[1], queueLengthLimit: QUEUE_LENGTH },
      }
    : { type: 'Reject' }
  const limited = { nominalConcurrencyShares: shares, limitResponse, lendablePercent: lendable }
  return {
    apiVersion: API_VERSION,
    kind: 'PriorityLevelConfiguration',
    metadata: { name, annotations: ANNOTATIONS },
    spec: { type: 'Limited', limited },
  }
}

function flowSchema(name: string, { level, precedence, by, rules }: Schema, now: string): object {
  const message = `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`
  return {
    apiVersion: API_VERSION,
    kind: 'FlowSchema',
    metadata: { name, annotations: ANNOTATIONS },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(by && { distinguisherMethod: { type: by } }),
      rules,
    },
    status: {
      conditions: [
        { type: 'Dangling', status: 'False', lastTransitionTime: now, reason: 'Found', message },
      ],
    },
  }
}
