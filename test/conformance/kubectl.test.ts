import { conformanceSuite } from './conformance.suite.js'
import { kubectlSuite } from './suites.js'

conformanceSuite(kubectlSuite)
