import { describe, expect, it } from 'vitest'
import { inHeldTime } from '../clients/kube-components/held-time.js'
import { play, scenarios } from '../clients/kube-components/play.js'
import { recordingOf } from '../clients/kube-components/recordings.js'

/** What was recorded with the real API server, controllers and scheduler. */
describe('our controllers and scheduler', () => {
  it.each(Object.keys(scenarios))('%s: everything is as with the real ones', async (name) => {
    await using ground = await inHeldTime()
    expect(await play(ground, name)).toEqual(recordingOf(name))
  })
})
