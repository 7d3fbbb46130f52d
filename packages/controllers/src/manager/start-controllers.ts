import type { Clock, Ledger, Random } from '@miniplane/api'
import { Client, InformerFactory, type Log, resources, type Transport } from '@miniplane/client'
import { builtInControllers } from '../built-in.js'
import { EveryResource } from '../every-resource/every-resource.js'
import type { Certify, Controller, SignSecretToken } from './controller.js'
import { ControllerRun, type Plane } from './run-controller.js'
import { accountOf, ensureServiceAccounts } from './service-accounts.js'

export interface ControllersOptions {
  /**
   * Every controller speaks for itself, under its own user agent and service account in
   * `kube-system`; without an account it is the manager, who reads for all. The caller closes them.
   */
  readonly transport: (userAgent: string, serviceAccount?: string) => Transport
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly log: Log
  /** Only those of these names; default: all. An unknown name throws. */
  readonly controllers?: readonly string[]
  /** PEM published in every namespace as `kube-root-ca.crt`. */
  readonly rootCertificate?: string
  /** Signs approved certificate requests; without it they wait. */
  readonly certify?: Certify
  /** Makes the tokens in Secrets of service accounts; without it they stay empty. */
  readonly signSecretToken?: SignSecretToken
}

export interface RunningControllers {
  /** Resolves when every reconcile under way has ended. */
  stop(): Promise<void>
}

/** Starts the built-in controllers. They act once their caches are filled. */
export function startControllers(options: ControllersOptions): RunningControllers {
  return runControllers(chosen(options.controllers), options)
}

/** The same for any list of controllers, such as one of your own. */
export function runControllers(
  controllers: readonly Controller[],
  options: Omit<ControllersOptions, 'controllers'>,
): RunningControllers {
  const { clock, random, ledger, log, rootCertificate, certify, signSecretToken } = options
  const client = new Client(options.transport(MANAGER))
  const informers = new InformerFactory(client, { clock, ledger, log })
  const everyResource = new EveryResource({ client, informers, clock, log })
  const shared = { clock, random, ledger, log, informers, everyResource }
  const plane: Plane = { ...shared, rootCertificate, certify, signSecretToken }
  const runs = controllers.map(
    (controller) => new ControllerRun(controller, transportOf(controller, options), plane),
  )
  const accounts = informers.informer(resources.serviceAccounts).cache
  let isStopped = false
  informers.start()
  const started = informers.waitForSync().then(async () => {
    await Promise.all(runs.map((run) => (isStopped ? undefined : run.work())))
    await ensureServiceAccounts(
      client,
      controllers,
      (key) => isStopped || accounts.get(key) !== undefined,
    )
  })
  started.catch((error: unknown) => log.error('the controllers could not start', { error }))
  return {
    async stop() {
      isStopped = true
      everyResource.stop()
      informers.stop()
      await Promise.all(runs.map((run) => run.stop()))
    },
  }
}

/** The program that the fields belong to which its controllers write. */
const MANAGER = 'kube-controller-manager'

const transportOf = (controller: Controller, options: Pick<ControllersOptions, 'transport'>) =>
  options.transport(`${MANAGER}/${controller.name}`, accountOf(controller))

function chosen(names: readonly string[] | undefined): readonly Controller[] {
  if (names === undefined) return builtInControllers
  return names.map((name) => {
    const controller = builtInControllers.find((each) => each.name === name)
    if (controller) return controller
    const known = builtInControllers.map((each) => each.name).join(', ')
    throw new Error(`unknown controller "${name}"; there are ${known}`)
  })
}
