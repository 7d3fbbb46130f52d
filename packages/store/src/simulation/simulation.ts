import type { MemberOptions } from '../node/member-options.js'
import { SimulatedClient } from './client.js'
import { History, keyModel } from './history.js'
import { judge } from './linearizability.js'
import { Nemesis } from './nemesis.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedTime } from './simulated-clock.js'
import { SimulatedCluster } from './simulated-cluster.js'
import { SimulatedNetwork } from './simulated-network.js'

export interface SimulationOptions {
  readonly seed: number
  readonly size: number
  /** Of simulated time, under misfortunes. */
  readonly durationMs: number
  readonly disksIgnoreSync?: boolean
  readonly member?: Partial<MemberOptions>
  readonly tell?: (what: string) => void
}

export interface SimulationReport {
  readonly seed: number
  /** What happened that must not; none: all is well. */
  readonly violations: readonly string[]
  readonly operations: number
  readonly unanswered: number
  readonly events: number
}

/** For a cluster to come to rest once all misfortunes have ended. */
const RECOVERY_MS = 60_000

/** One run of a whole cluster, of which every detail follows from the seed. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const { seed, size, durationMs, member = {}, disksIgnoreSync = false } = options
  const random = new SeededRandom(seed)
  const time = new SimulatedTime()
  const tell = (what: string) => options.tell?.(`${time.nowMs.toFixed(1).padStart(9)} ${what}`)
  const network = new SimulatedNetwork(time, random.fork())
  const cluster = new SimulatedCluster({
    size,
    time,
    random: random.fork(),
    network,
    disk: { latency: { operationMs: [0.02, 0.3], syncMs: [0.2, 4] } },
    disksIgnoreSync,
    clockSkew: 0.02,
    member: { walSegmentBytes: 64 * 1024, ...member },
  })
  const starting = cluster.start()
  await time.runUntil(2000)
  await starting
  const history = new History()
  const keys = ['a', 'b', 'c', 'd', 'e']
  const clients = Array.from(
    { length: 4 },
    (_, number) =>
      new SimulatedClient({
        number: number + 1,
        cluster,
        time,
        random: random.fork(),
        history,
        keys,
        pauseMs: 40,
        patienceMs: 3000,
      }),
  )
  const nemesis = new Nemesis({
    cluster,
    network,
    time,
    random: random.fork(),
    periodMs: 1500,
    tell,
  })
  await time.runUntil(time.nowMs + durationMs)
  for (const client of clients) client.stop()
  const recovery = nemesis.stop()
  await time.runUntil(time.nowMs + 10_000)
  await recovery
  const violations: string[] = []
  const hasRecovered = await time.runUntil(time.nowMs + RECOVERY_MS, () => isAtRest(cluster))
  if (!hasRecovered) violations.push(`the cluster did not come to rest: ${describe(cluster)}`)
  violations.push(...judgeHistory(history))
  let unanswered = 0
  for (const [, operations] of history.keys) {
    unanswered += operations.filter(({ answer }) => answer === undefined).length
  }
  return { seed, violations, operations: history.size, unanswered, events: time.events }
}

/** One leader, and everybody has applied what it has. */
function isAtRest({ running, leader }: SimulatedCluster): boolean {
  const applied = leader?.member?.raftStatus.applied
  return running.every(
    ({ member }) => member?.raftStatus.applied === applied && member?.leader === leader?.id,
  )
}

const describe = ({ machines }: SimulatedCluster): string =>
  machines
    .map(({ id, member, stopReason }) => {
      if (member === undefined) return `m${id} stopped: ${String(stopReason)}`
      const { role, term, commit, applied, leader } = member.raftStatus
      return `m${id} ${role} of m${leader} in ${term}, committed ${commit}, applied ${applied}`
    })
    .join('; ')

function judgeHistory(history: History): string[] {
  const violations: string[] = []
  for (const [key, operations] of history.keys) {
    const verdict = judge(keyModel, operations)
    if (verdict !== 'linearizable') violations.push(`the history of key ${key} is ${verdict}`)
  }
  const backwards = history.backwards()
  if (backwards !== undefined) {
    violations.push(
      `revisions run backwards: ${backwards.map((one) => JSON.stringify(one)).join(' then ')}`,
    )
  }
  return violations
}
