import { storeClientSuite } from '../store-client.suite.js'
import { openOnOurEtcd } from './etcd.fixture.js'

// A member of its own for each test, with its disk, its log and its ports.
storeClientSuite('gRPC to our etcd', () => openOnOurEtcd())
