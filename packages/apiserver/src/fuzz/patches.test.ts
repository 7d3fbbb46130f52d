import { expect, it } from 'vitest'
import { fuzz } from './fuzz.fixture.js'
import { anyPatch } from './requests.fixture.js'

it('takes or refuses whatever is to be changed, by patches of all kinds', async () => {
  expect(await fuzz(anyPatch, { seed: 12, runs: 1200 })).toEqual([])
})
