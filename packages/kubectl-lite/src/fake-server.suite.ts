import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import type { Transport, TransportRequest, TransportResponse } from '@miniplane/client'
import { RecordedOutput } from './output.js'
import { run } from './run.js'
import type { Environment } from './session/environment.js'

/** Answers requests from a table; what is not in it is 404. For tests of commands. */
export class FakeServer implements Transport {
  readonly requests: TransportRequest[] = []
  readonly #answers = new Map<string, FakeAnswer>()

  /** `route` is `GET /api/v1/pods`; the query is not looked at. */
  answer(route: string, object: unknown, extras: Partial<FakeAnswer> = {}): this {
    this.#answers.set(route, { status: 200, headers: {}, ...extras, object })
    return this
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    this.requests.push(request)
    const { method, path } = request
    const found = this.#answers.get(`${method} ${path}`) ?? present(path) ?? missing(path)
    const { object } = found
    return { ...found, object, text: () => JSON.stringify(object) }
  }

  async watch(): Promise<() => void> {
    throw new Error('the fake server has no watches')
  }

  close(): void {}

  /** The last request of that method. */
  sent(method: string): TransportRequest | undefined {
    return this.requests.findLast((request) => request.method === method)
  }
}

interface FakeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly object: unknown
}

const resource = (
  plural: string,
  kind: string,
  shortNames: readonly string[],
  categories: readonly string[] = [],
  scope = 'Namespaced',
) => ({
  resource: plural,
  responseKind: { group: '', version: '', kind },
  scope,
  singularResource: kind.toLowerCase(),
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  shortNames,
  categories,
})

const group = (name: string, resources: readonly object[]) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: [{ metadata: { name }, versions: [{ version: 'v1', resources }] }],
})

const DISCOVERY: Readonly<Record<string, object>> = {
  '/api': group('', [
    resource('configmaps', 'ConfigMap', ['cm']),
    resource('events', 'Event', ['ev']),
    resource('nodes', 'Node', ['no'], [], 'Cluster'),
    resource('pods', 'Pod', ['po'], ['all']),
    resource('services', 'Service', ['svc'], ['all']),
  ]),
  '/apis': group('apps', [
    resource('deployments', 'Deployment', ['deploy'], ['all']),
    resource('replicasets', 'ReplicaSet', ['rs'], ['all']),
  ]),
}

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }

/** What every server has. */
const PRESENT: Readonly<Record<string, object>> = {
  ...DISCOVERY,
  '/api/v1/namespaces/default': NAMESPACE,
}

const present = (path: string): FakeAnswer | undefined =>
  path in PRESENT ? { status: 200, headers: {}, object: PRESENT[path] } : undefined

/** The `Status` for an object that is not there. */
function missing(path: string): FakeAnswer {
  const [name = '', plural = ''] = path.split('/').reverse()
  const kind = path.startsWith('/apis/') ? `${plural}.${path.split('/')[2]}` : plural
  return {
    status: 404,
    headers: {},
    object: {
      kind: 'Status',
      status: 'Failure',
      reason: 'NotFound',
      code: 404,
      message: `${kind} "${name}" not found`,
    },
  }
}

export const NOW = Date.parse('2026-01-02T03:04:05Z')

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line against the server; `files` is the folder that relative paths start at. */
export async function kubectl(
  server: FakeServer,
  line: string | readonly string[],
  options: { readonly folder?: string; readonly stdin?: string } = {},
): Promise<Ran> {
  const out = new RecordedOutput()
  const environment: Environment = {
    out,
    clock: new ManualClock(NOW),
    random: seededRandom(1),
    variables: { KUBECONFIG: '/nonexistent' },
    folder: options.folder ?? '/',
    readStdin: async () => new TextEncoder().encode(options.stdin ?? ''),
    connect: () => server,
    signal: new AbortController().signal,
  }
  const words = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line
  const code = await run(words, environment)
  return { code, out: out.out, err: out.err }
}

export const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1' },
  data,
})
