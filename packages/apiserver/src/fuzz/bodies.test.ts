import { expect, it } from 'vitest'
import { fuzz } from './fuzz.fixture.js'
import { anyWrite } from './requests.fixture.js'

it('takes or refuses whatever is written, in JSON and in YAML', async () => {
  expect(await fuzz(anyWrite, { seed: 11, runs: 1200 })).toEqual([])
})
