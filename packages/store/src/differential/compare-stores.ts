import type { StoreFixture } from '../client/store-fixture.js'
import { type Operation, textOf } from './operation.js'
import type { Difference } from './search.js'
import { Session } from './session.js'

/** A store that is asked; one behind a network also answers for what it keeps on disk. */
export interface Contestant extends StoreFixture {
  hashKv?(): Promise<unknown>
}

export type OpenContestant = () => Promise<Contestant>

/** Asks both the same; answers the first difference. */
export async function compareStores(
  sequence: readonly Operation[],
  openOurs: OpenContestant,
  openJudge: OpenContestant,
): Promise<Difference | undefined> {
  const [opening, judgeOpening] = [openOurs(), openJudge()]
  await using ours = await opening
  await using judge = await judgeOpening
  const sessions = [new Session(ours.client), new Session(judge.client)] as const
  for (const [after, operation] of sequence.entries()) {
    const [a = '', b = ''] = await Promise.all(sessions.map((one) => one.perform(operation)))
    if (a !== b) return { after, asked: 'the last is answered', ours: a, judge: b }
  }
  const [seen, judgeSeen] = await Promise.all(sessions.map((session) => session.watched()))
  const hashes = await hashesOf(ours, judge)
  const index = seen?.findIndex((text, n) => text !== judgeSeen?.[n]) ?? -1
  if (index < 0) {
    const [a, b] = hashes
    return a === b ? undefined : { after: sequence.length, asked: 'hashKV', ours: a, judge: b }
  }
  return {
    after: sequence.length,
    asked: `watch ${index} has seen`,
    ours: seen?.[index] ?? '',
    judge: judgeSeen?.[index] ?? '',
  }
}

async function hashesOf(ours: Contestant, judge: Contestant): Promise<[string, string]> {
  if (ours.hashKv === undefined || judge.hashKv === undefined) return ['', '']
  return [textOf(await ours.hashKv()), textOf(await judge.hashKv())]
}
