import { describe } from 'vitest'
import { compactRules } from './rules/compact.suite.js'
import { leaseRules } from './rules/lease.suite.js'
import { rangeRules } from './rules/range.suite.js'
import { txnRules } from './rules/txn.suite.js'
import { watchRules } from './rules/watch.suite.js'
import { watchHandleRules } from './rules/watch-handle.suite.js'
import { writeRules } from './rules/write.suite.js'
import type { OpenFixture } from './store-fixture.js'

/** The rules of SPEC.md, for one implementation of `StoreClient`. */
export function storeClientSuite(name: string, open: OpenFixture): void {
  describe(`StoreClient over ${name}`, () => {
    rangeRules(open)
    writeRules(open)
    txnRules(open)
    compactRules(open)
    leaseRules(open)
    watchRules(open)
    watchHandleRules(open)
  })
}
