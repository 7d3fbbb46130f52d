import { describe, expect, it } from 'vitest'
import { systemClock } from '../../server/system-clock.js'
import { put } from '../store-fixture.js'
import { connectStore } from './connect-store.js'
import { openOnOurEtcd } from './etcd.fixture.js'

describe('the revisions in an error', () => {
  it('[N7] are those that the client has heard of', async () => {
    await using etcd = await openOnOurEtcd()
    await using other = connectStore({ endpoints: [etcd.url], clock: systemClock })
    for (let n = 0; n < 4; n++) await put(etcd.client, 'a')
    await etcd.client.compact(4)
    const readBy = (client: typeof etcd.client, revision: number) =>
      client.range({ key: 'a', revision })
    const detail = { code: 'Compacted', requestedRevision: 3 }
    await expect(readBy(etcd.client, 3)).rejects.toMatchObject({
      detail: { ...detail, compactRevision: 4 },
    })
    await expect(readBy(other.client, 3)).rejects.toMatchObject({
      detail: { ...detail, compactRevision: -1 },
    })
    // What it knew is outdated when it does not explain the error.
    await put(etcd.client, 'a')
    await other.client.compact(6)
    await expect(readBy(etcd.client, 5)).rejects.toMatchObject({
      detail: { compactRevision: -1 },
    })
    await expect(readBy(etcd.client, 7)).rejects.toMatchObject({
      detail: { code: 'FutureRevision', requestedRevision: 7, currentRevision: 6 },
    })
  })
})
