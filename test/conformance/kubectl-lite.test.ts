import { conformanceSuite } from './conformance.suite.js'
import { kubectlLiteSuite } from './suites.js'

conformanceSuite(kubectlLiteSuite)
