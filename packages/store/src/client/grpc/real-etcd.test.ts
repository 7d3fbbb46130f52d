import { describe } from 'vitest'
import { etcdPath } from '../../judges/real-etcd.fixture.js'
import { storeClientSuite } from '../store-client.suite.js'
import { openOnRealEtcd } from './etcd.fixture.js'

const path = etcdPath()

// A server of its own for each test: revisions start anew.
describe.skipIf(path === undefined)('on a real etcd', () => {
  storeClientSuite('gRPC to a real etcd', () => openOnRealEtcd(path as string))
})
