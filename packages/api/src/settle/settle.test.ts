import { expect, it } from 'vitest'
import { Ledger } from './ledger.js'
import { settle } from './settle.js'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

it('waits for what is under way, and for what follows from it', async () => {
  const ledger = new Ledger()
  const story: string[] = []
  ledger.begin('request')
  const settled = settle(ledger).then(() => story.push('settled'))
  await turn()
  story.push('answered')
  ledger.end('request')
  ledger.begin('watchEvent')
  await turn()
  ledger.begin('queuedKey')
  ledger.end('watchEvent')
  await turn()
  story.push('reconciled')
  ledger.end('queuedKey')
  await settled
  expect(story).toEqual(['answered', 'reconciled', 'settled'])
})

it('says what keeps a plane from settling', async () => {
  const ledger = new Ledger()
  ledger.begin('reconcile', 2)
  await expect(settle(ledger, 20)).rejects.toThrow('under way: 2 reconcile')
})
