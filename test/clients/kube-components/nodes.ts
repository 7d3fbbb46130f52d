import { type Clock, formatMicroTime, formatTime } from '@miniplane/api'
import type { Client } from '@miniplane/client'

const BEAT_MS = 8000
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const CONDITIONS = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
  ['Ready', 'True', 'KubeletReady'],
] as const

interface Reserved {
  readonly only?: string
  readonly cpu?: string
}

/** Three for everybody, and those that a scenario has to itself. */
const NODES: Readonly<Record<string, Reserved>> = {
  'node-1': {},
  'node-2': {},
  'node-3': {},
  'node-taint': { only: 'taint' },
  'node-preemption': { only: 'preemption', cpu: '4' },
  'node-silent': { only: 'silence' },
}

/** Nodes without kubelets: registered by hand, and alive as long as `beat` is called. */
export class Nodes {
  readonly #client: Client
  readonly #clock: Clock
  readonly #alive = new Set(Object.keys(NODES))
  #lastBeat = -Infinity

  constructor(client: Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  async register(): Promise<void> {
    for (const [name, reserved] of Object.entries(NODES)) await this.#register(name, reserved)
    await this.beat()
  }

  /** Renews the leases when it is time to. */
  async beat(): Promise<void> {
    if (this.#clock.now() - this.#lastBeat < BEAT_MS) return
    this.#lastBeat = this.#clock.now()
    const renewTime = formatMicroTime(this.#lastBeat)
    for (const name of this.#alive) {
      await this.#client.request({
        method: 'PATCH',
        path: `${LEASES}/${name}`,
        query: { fieldManager: 'kubelet', force: 'true' },
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name },
          spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
        },
      })
    }
  }

  /** Nobody hears of the node again. */
  silence(name: string): void {
    this.#alive.delete(name)
  }

  async #register(name: string, { only, cpu = '32' }: Reserved): Promise<void> {
    const labels = {
      'kubernetes.io/hostname': name,
      ...(only === undefined ? { group: 'common' } : { only }),
    }
    const taints = only === undefined ? [] : [{ key: 'reserved', effect: 'NoSchedule' }]
    const now = formatTime(this.#clock.now())
    const capacity = { cpu, memory: '256Gi', pods: '110' }
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { taints } }
    await this.#client.request({ method: 'POST', path: '/api/v1/nodes', body: object })
    await this.#client.request({
      method: 'PATCH',
      path: `/api/v1/nodes/${name}/status`,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: {
        status: {
          capacity,
          allocatable: capacity,
          addresses: [{ type: 'Hostname', address: name }],
          conditions: CONDITIONS.map(([type, status, reason]) => ({
            type,
            status,
            reason,
            lastHeartbeatTime: now,
            lastTransitionTime: now,
          })),
        },
      },
    })
  }
}
