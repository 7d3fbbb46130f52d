import { systemClock } from '@miniplane/api'
import { connectStore, type GrpcLimits, type GrpcStore } from '@miniplane/store/grpc'
import { type EtcdProcess, EtcdProcesses } from './etcd-program.js'
import { eventually } from './eventually.js'
import { type Finished, type RunOptions, run } from './judges.js'
import { TalkingProgram } from './talking-program.js'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const READY = 'ready to serve client requests'

export interface CtlOptions extends RunOptions {
  /** Default: every member that was ever started. */
  readonly endpoints?: string
}

/** A running cluster of our `etcd`: members die, come back and join, and etcdctl looks on. */
export class EtcdCluster implements AsyncDisposable {
  readonly processes: EtcdProcesses
  /** Of those that it begins with. */
  readonly names: readonly string[]
  readonly #flags: readonly string[]
  readonly #running = new Map<string, EtcdProcess>()
  readonly #stores: GrpcStore[] = []
  readonly #programs: TalkingProgram[] = []

  private constructor(
    processes: EtcdProcesses,
    names: readonly string[],
    flags: readonly string[],
  ) {
    this.processes = processes
    this.names = names
    this.#flags = flags
  }

  /** Names and ports, and nothing that runs. */
  static async prepare(size: number, flags: readonly string[] = []): Promise<EtcdCluster> {
    const names = NAMES.slice(0, size)
    return new EtcdCluster(await EtcdProcesses.of(...names), names, flags)
  }

  static async start(size: number, flags: readonly string[] = []): Promise<EtcdCluster> {
    const cluster = await EtcdCluster.prepare(size, flags)
    try {
      await cluster.runAll(cluster.names)
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
    return cluster
  }

  /** Those that run. */
  get members(): readonly EtcdProcess[] {
    return [...this.#running.values()]
  }

  get endpoints(): string {
    return this.processes.endpoints
  }

  member(name: string): EtcdProcess {
    const member = this.#running.get(name)
    if (member === undefined) throw new Error(`${name} does not run`)
    return member
  }

  /** Starts a member on the data it has, if any; resolves when it serves. */
  async run(name: string, ...flags: readonly string[]): Promise<EtcdProcess> {
    const member = this.processes.start(name, [
      ...this.processes.args(name),
      ...this.#flags,
      ...flags,
    ])
    this.#running.set(name, member)
    await member.logged(READY)
    return member
  }

  /** Starts members that can only begin together. */
  async runAll(names: Iterable<string>): Promise<void> {
    await Promise.all([...names].map((name) => this.run(name)))
  }

  /** Ends them at once; their data stays. */
  async kill(...names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const member = this.member(name)
        member.kill('SIGKILL')
        await member.ended
        this.#running.delete(name)
      }),
    )
  }

  /** The member that says of itself that it leads. */
  leader(): Promise<EtcdProcess> {
    return eventually(async () => {
      for (const member of this.members) if (await saysItLeads(member)) return member
      throw new Error('nobody leads')
    })
  }

  async followers(): Promise<EtcdProcess[]> {
    const leader = await this.leader()
    return this.members.filter((member) => member !== leader)
  }

  /** Runs etcdctl to its end, whatever that is. */
  attempt(args: readonly string[], options: CtlOptions = {}): Promise<Finished> {
    const { endpoints = this.endpoints, ...rest } = options
    const env = { ...this.#env, ETCDCTL_ENDPOINTS: endpoints, ...options.env }
    return run('etcdctl', [...args], { ...rest, env })
  }

  /** What etcdctl prints; rejects when it complains. */
  async ctl(...args: readonly string[]): Promise<string> {
    return succeeded(args, await this.attempt(args))
  }

  /** The same, of one member alone. */
  async ctlAt(name: string, ...args: readonly string[]): Promise<string> {
    const endpoints = this.processes.clientUrl(name)
    return succeeded(args, await this.attempt(args, { endpoints }))
  }

  /** An etcdctl that goes on: a watch, a lock. */
  talk(args: readonly string[], endpoints = this.endpoints): TalkingProgram {
    const env = { ...this.#env, ETCDCTL_ENDPOINTS: endpoints }
    const program = new TalkingProgram('etcdctl', args, env)
    this.#programs.push(program)
    return program
  }

  /** Our own client of all members; closed with the cluster. */
  connect(limits: Partial<GrpcLimits> = {}): GrpcStore {
    const endpoints = this.endpoints.split(',')
    const store = connectStore({ endpoints, clock: systemClock, limits })
    this.#stores.push(store)
    return store
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program[Symbol.asyncDispose]()))
    await Promise.all(this.#stores.map((store) => store.close()))
    await this.processes[Symbol.asyncDispose]()
  }

  get #env(): Record<string, string> {
    return { ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: this.endpoints }
  }
}

function succeeded(args: readonly string[], { exit, stdout, stderr }: Finished): string {
  if (exit !== 0) throw new Error(`etcdctl ${args.join(' ')} exits with ${exit}: ${stderr}`)
  return stdout
}

async function saysItLeads({ clientUrl }: EtcdProcess): Promise<boolean> {
  const answer = await fetch(`${clientUrl}/v3/maintenance/status`, { method: 'POST', body: '{}' })
  const status = (await answer.json()) as { leader?: string; header?: { member_id?: string } }
  return status.leader !== undefined && status.leader === status.header?.member_id
}
