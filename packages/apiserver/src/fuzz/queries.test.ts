import { expect, it } from 'vitest'
import { fuzz } from './fuzz.fixture.js'
import { anyQuery } from './requests.fixture.js'

it('answers questions with any options', async () => {
  expect(await fuzz(anyQuery, { seed: 13, runs: 2500 })).toEqual([])
})
