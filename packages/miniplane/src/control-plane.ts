import { Ledger, settle, systemClock, systemRandom, uuid } from '@miniplane/api'
import {
  type ApiServer,
  createApiServer,
  type HttpsEdge,
  listenHttps,
  type UserInfo,
} from '@miniplane/apiserver'
import { CallTurns, Client, inProcessTransport, silentLog, type Transport } from '@miniplane/client'
import {
  type HollowNodes,
  startControllers,
  startHollowNodes,
  startScheduler,
} from '@miniplane/controllers'
import { checkOptions } from './check-options.js'
import { keyFileIn } from './key-file.js'
import { kubeconfigText, removeKubeconfig, writeKubeconfig } from './kubeconfig-file.js'
import { openStore } from './open-store.js'
import type { ControlPlaneOptions, HttpsPlace } from './options.js'
import { ComponentTokens, identities } from './users.js'

/** A running control plane. Everything it is made of hangs off this object. */
export interface ControlPlane extends AsyncDisposable {
  readonly apiServer: ApiServer
  /** `https://127.0.0.1:PORT`; undefined without HTTPS. */
  readonly server: string | undefined
  /** The admin's kubeconfig as text; undefined without HTTPS. */
  readonly kubeconfig: string | undefined
  /** A client with the admin's rights that calls the pipeline directly. */
  readonly client: Client
  /** A transport within the process for another user agent, with the admin's rights. */
  transport(userAgent: string): Transport
  readonly ledger: Ledger
  /**
   * Resolves when nothing is left to do until time moves on or somebody asks for something. With a
   * `ManualClock` a test moves time and then waits here, instead of sleeping and hoping.
   */
  settle(): Promise<void>
  /** Stops everything, in reverse order of starting; resolves when nothing is left. */
  close(): Promise<void>
}

/** A plane that listens, as every one does that isn't told `https: false`. */
export interface ListeningControlPlane extends ControlPlane {
  readonly server: string
  readonly kubeconfig: string
}

type Stop = () => void | Promise<void>

/**
 * Starts a whole control plane in this process: store, API server, controllers, scheduler and
 * hollow nodes. Resolves when the API server is ready and HTTPS, if wanted, listens; controllers
 * start working meanwhile. Many planes can live side by side.
 *
 * Ownership: the caller closes it (`await using` does).
 * Errors: a wrong option rejects with a `TypeError`, a port in use with the system's
 *   `EADDRINUSE`, an etcd that does not answer with a `StoreError`; nothing is left behind.
 */
export function startControlPlane(
  options?: ControlPlaneOptions & { readonly https?: HttpsPlace },
): Promise<ListeningControlPlane>
export function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane>
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  checkOptions(options)
  const stops: Stop[] = []
  const close = once(() => stopAll(stops))
  try {
    return await assemble(options, stops, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  options: ControlPlaneOptions,
  stops: Stop[],
  close: () => Promise<void>,
): Promise<ControlPlane> {
  const { clock = systemClock, random = systemRandom(), log = silentLog } = options
  const ledger = new Ledger()
  const token = uuid(random)
  const components = new ComponentTokens(random)

  let nodes: HollowNodes | undefined
  const store = await openStore(options, { clock, ledger, random, log })
  stops.push(() => store.close())
  const apiServer = createApiServer({
    ...apiServerOptions(options),
    store: store.client,
    isStoreEmbedded: store.isEmbedded,
    clock,
    random,
    ledger,
    log,
    tokens: [
      { token, user: { name: 'kubernetes-admin', groups: ['system:masters'] } },
      ...usersOf(options),
    ],
    componentOf: components.userOf,
    dialNode: (name) => nodes?.dial(name),
  })
  stops.push(() => apiServer.close())
  const edge = options.https === false ? undefined : await listen(apiServer, options)
  if (edge) stops.push(() => edge.close())
  await apiServer.start()

  const transportAs = (token: string, userAgent: string, turns?: CallTurns): Transport => {
    const caller = { token, userAgent, ledger, ...(turns && { turns }) }
    const transport = inProcessTransport(apiServer.handle, caller)
    stops.push(() => transport.close())
    return transport
  }
  const shared = { clock, random, ledger, log }
  // For the components alone: who holds the plane in a test doesn't wait in their queue.
  const turns = new CallTurns()
  const connect = (user: UserInfo, userAgent: string) =>
    transportAs(components.issue(user), userAgent, turns)
  const { signSecretToken } = apiServer
  nodes = startComponents(options, { ...shared, signSecretToken }, connect, stops, edge)

  const kubeconfig = edge && kubeconfigText({ ...edge, token })
  if (kubeconfig !== undefined && options.kubeconfigPath !== undefined) {
    const path = options.kubeconfigPath
    writeKubeconfig(path, kubeconfig)
    stops.push(() => removeKubeconfig(path, token))
  }
  const transport = (userAgent: string) => transportAs(token, userAgent)
  return {
    apiServer,
    server: edge?.server,
    kubeconfig,
    client: new Client(transport('miniplane')),
    transport,
    ledger,
    settle: () => settle(ledger),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Those of a plane's options that its API server takes as they are. */
const apiServerOptions = (options: ControlPlaneOptions) => ({
  etcdPrefix: options.etcd?.prefix,
  ...(options.dataDir !== undefined && { keyKeeper: keyFileIn(options.dataDir) }),
  storageMediaType: options.storageMediaType,
  ...(options.serviceCidr !== undefined && { serviceCidr: options.serviceCidr }),
  anonymousAuth: options.anonymousAuth,
  frontProxies: options.frontProxies,
  proxyClient: options.proxyClient,
  serviceAccountTokens: options.serviceAccountTokens,
  ...(options.authorizationModes && { authorizationModes: options.authorizationModes }),
  enableAdmissionPlugins: options.enableAdmissionPlugins ?? [],
  disableAdmissionPlugins: options.disableAdmissionPlugins ?? [],
  ownComponents: ownComponents(options),
})

const usersOf = ({ users = [] }: ControlPlaneOptions) =>
  users.map(({ token, name, uid, groups = [] }) => ({
    token,
    user: { name, ...(uid !== undefined && { uid }), groups },
  }))

const runsControllers = ({ controllers = true }: ControlPlaneOptions) => controllers
const runsScheduler = (options: ControlPlaneOptions) =>
  options.scheduler ?? runsControllers(options)

const ownComponents = (options: ControlPlaneOptions) => [
  ...(runsControllers(options) ? (['controller-manager'] as const) : []),
  ...(runsScheduler(options) ? (['scheduler'] as const) : []),
]

function listen(apiServer: ApiServer, options: ControlPlaneOptions): Promise<HttpsEdge> {
  const { https, frontProxies } = options
  const place = https === false ? {} : https
  return listenHttps(apiServer, { ...place, frontProxyAuthorities: frontProxies?.authorities })
}

function startComponents(
  options: ControlPlaneOptions,
  shared: Pick<Required<ControlPlaneOptions>, 'clock' | 'random' | 'log'> &
    Pick<ApiServer, 'signSecretToken'> & { ledger: Ledger },
  connect: (user: UserInfo, userAgent: string) => Transport,
  stops: Stop[],
  edge: HttpsEdge | undefined,
): HollowNodes | undefined {
  const withControllers = runsControllers(options)
  if (withControllers) {
    const controllers = startControllers({
      ...shared,
      transport: (userAgent, account) =>
        connect(
          account === undefined ? identities.controllerManager : identities.controller(account),
          userAgent,
        ),
      ...(edge && { rootCertificate: edge.certificateAuthority, certify: edge.signCertificate }),
    })
    stops.push(() => controllers.stop())
  }
  if (runsScheduler(options)) {
    const scheduler = startScheduler({
      ...shared,
      transport: connect(identities.scheduler, 'kube-scheduler'),
    })
    stops.push(() => scheduler.stop())
  }
  const count = options.nodes ?? (withControllers ? 2 : 0)
  if (count === 0) return undefined
  const transport = (userAgent: string, node?: string) =>
    connect(node === undefined ? identities.hollowNodes : identities.node(node), userAgent)
  const nodes = startHollowNodes({ ...shared, transport, count })
  stops.push(() => nodes.stop())
  return nodes
}

/** In reverse order; one that fails does not keep the others running. */
async function stopAll(stops: Stop[]): Promise<void> {
  const errors: unknown[] = []
  for (const stop of stops.splice(0).reverse()) {
    try {
      await stop()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'not everything could be stopped')
}

/** Runs `work` the first time; later calls wait for the same end. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= work()
    return running
  }
}
