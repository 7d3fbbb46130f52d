import { eventLoopTurn } from '@miniplane/api'
import { expect, it } from 'vitest'
import { limits } from '../limits.js'
import { CallTurns } from './call-turns.js'

const MAX = limits.callsPerTurnMax

it('lets so many in at once, and the others a turn later each, in their order', async () => {
  const turns = new CallTurns()
  const entered: number[] = []
  const waiting = Array.from({ length: 3 * MAX + 1 }, (_, call) => {
    const turn = turns.enter()
    if (turn === undefined) entered.push(call)
    return turn?.then(() => entered.push(call))
  })
  expect(entered).toHaveLength(MAX)
  await eventLoopTurn()
  expect(entered).toHaveLength(2 * MAX)
  await Promise.all(waiting)
  expect(entered).toEqual(Array.from({ length: 3 * MAX + 1 }, (_, call) => call))
})

it('has room again in the next turn', async () => {
  const turns = new CallTurns()
  for (let call = 0; call < MAX; call++) expect(turns.enter()).toBeUndefined()
  await eventLoopTurn()
  expect(turns.enter()).toBeUndefined()
})
