import type { Clock } from '../clock.js'
import { formatId } from '../membership/ids.js'
import type { Member } from '../node/member.js'
import type { ProgramLog } from './log/json-log.js'

const TIMEOUT_MS = 2000

/** Lets another member lead before this one goes, so that nobody has to wait for an election. */
export async function handOver(
  member: Member,
  { clock, log }: { readonly clock: Clock; readonly log: ProgramLog },
): Promise<void> {
  if (member.leader !== member.id) return
  const heirs = member.membership.voters.filter(({ id }) => id !== member.id)
  const { progress } = member.raftStatus
  // Who has most of the log is ready soonest.
  const matched = (id: bigint): number => progress.find((one) => one.id === id)?.match ?? 0
  const [heir] = heirs.toSorted((a, b) => matched(b.id) - matched(a.id))
  if (heir === undefined) return
  const to = formatId(heir.id)
  try {
    await within(clock, TIMEOUT_MS, member.server.maintenance.moveLeader(heir.id, {}))
    log.info('leadership transferred', { to })
  } catch (error) {
    log.warn('leadership transfer failed', { to, error })
  }
}

async function within<T>(clock: Clock, timeoutMs: number, work: Promise<T>): Promise<T> {
  let cancel = () => {}
  const tooLate = new Promise<never>((_resolve, reject) => {
    const timer = clock.setTimer(timeoutMs, () => reject(new Error('it takes too long')))
    cancel = () => timer.cancel()
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    cancel()
  }
}
