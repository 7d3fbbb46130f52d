import { type Clock, formatTime, type KubeObject, type Pod } from '@miniplane/api'
import type { Cluster } from './cluster.js'

/** The kubelets of all nodes, written by hand: they do what a scenario says, one Pod a step. */
export class Kubelets {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #addresses = new Map<string, string>()

  constructor(cluster: Cluster, clock: Clock) {
    this.#cluster = cluster
    this.#clock = clock
  }

  /** Starts and ends Pods, the first one by creation first, until nothing is left to do. */
  async work(limit = 40): Promise<void> {
    for (let step = 0; step < limit; step++) {
      await this.#cluster.settle()
      if (!(await this.#reap()) && !(await this.#startOne())) return
    }
    throw new Error(`the Pods of ${this.#cluster.namespace} were not done after ${limit} steps`)
  }

  /** Pods that are on their way out go. */
  async #reap(): Promise<boolean> {
    const leaving = (await this.pods()).filter(({ metadata }) => metadata.deletionTimestamp)
    for (const { metadata } of leaving) {
      await this.#cluster.delete('Pod', metadata.name ?? '', { gracePeriodSeconds: 0 })
    }
    return leaving.length > 0
  }

  async #startOne(): Promise<boolean> {
    const [next] = (await this.pods()).filter(
      ({ spec, status, metadata }) =>
        spec?.nodeName && status?.phase === 'Pending' && !metadata.labels?.never,
    )
    if (next === undefined) return false
    await this.start(next)
    return true
  }

  /** Oldest first. */
  async pods(): Promise<readonly Pod[]> {
    const pods = (await this.#cluster.list('Pod')) as unknown as Pod[]
    const age = ({ metadata }: KubeObject) => Number(metadata.resourceVersion)
    return pods.toSorted((a, b) => age(a) - age(b))
  }

  start(pod: Pod, isReady = true): Promise<KubeObject> {
    const ready = isReady ? 'True' : 'False'
    const startedAt = formatTime(this.#clock.now())
    const podIP = this.#addressOf(pod)
    const names = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady']
    return this.#patch(pod, {
      phase: 'Running',
      startTime: startedAt,
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: names.map((type) => ({
        type,
        status: type.endsWith('Ready') ? ready : 'True',
        lastTransitionTime: startedAt,
      })),
      containerStatuses: pod.spec?.containers.map(({ name, image }) => ({
        name,
        image,
        imageID: `id-of-${image}`,
        ready: isReady,
        started: true,
        restartCount: 0,
        state: { running: { startedAt } },
      })),
    })
  }

  finish(pod: Pod, exitCode: number): Promise<KubeObject> {
    const finishedAt = formatTime(this.#clock.now())
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    return this.#patch(pod, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      conditions: ['Ready', 'ContainersReady'].map((type) => ({
        type,
        status: 'False',
        reason: exitCode === 0 ? 'PodCompleted' : 'PodFailed',
        lastTransitionTime: finishedAt,
      })),
      containerStatuses: pod.spec?.containers.map(({ name, image }) => ({
        name,
        image,
        imageID: `id-of-${image}`,
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode, reason, finishedAt } },
      })),
    })
  }

  #addressOf({ metadata: { name = '' } }: Pod): string {
    const address = this.#addresses.get(name) ?? `192.0.2.${this.#addresses.size + 1}`
    this.#addresses.set(name, address)
    return address
  }

  #patch({ metadata }: KubeObject, status: object): Promise<KubeObject> {
    return this.#cluster.patch(
      'Pod',
      metadata.name ?? '',
      { status },
      {
        type: 'strategic',
        sub: 'status',
      },
    )
  }
}
