import { expect, it } from 'vitest'
import { fuzz } from './fuzz.fixture.js'
import { anyRequest } from './requests.fixture.js'

it('answers any method, path and headers', async () => {
  expect(await fuzz(anyRequest, { seed: 14, runs: 2500 })).toEqual([])
})
