import { conformanceSuite } from './conformance.suite.js'
import { httpSuite } from './suites.js'

conformanceSuite(httpSuite)
