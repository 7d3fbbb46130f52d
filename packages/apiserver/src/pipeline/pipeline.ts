import type { Clock, Random } from '@miniplane/api'
import type { Authenticator } from '../authn/authenticator.js'
import type { Authorizer } from '../authz/authorizer.js'
import type { FlowClassifier } from '../flow-control/flow-classifier.js'
import type { Limits } from '../limits.js'
import type { Log } from '../log.js'
import { type AuditSink, audit } from './audit.js'
import { authenticate } from './authenticate.js'
import { authorize } from './authorize.js'
import { compress } from './compress.js'
import { limitTime } from './deadline.js'
import { type FaultInjector, injectFaults } from './faults.js'
import { limitFlow } from './flow-control.js'
import { impersonate } from './impersonate.js'
import { requestInfo } from './inform.js'
import { recover } from './recover.js'
import { refuseWhenClosed } from './shutdown.js'
import type { Stage } from './stage.js'

export interface PipelineParts {
  readonly state: { readonly isClosed: boolean }
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly limits: Limits
  readonly flows: FlowClassifier
  readonly authenticator: Authenticator
  readonly authorizer: Authorizer
  readonly auditSink?: AuditSink | undefined
  readonly faults?: FaultInjector | undefined
}

/** In the order in which a request meets them; behind them comes the dispatcher to the handlers. */
export const stages = (parts: PipelineParts): readonly Stage[] => [
  compress, // the last that is done to an answer, errors too
  recover(parts.log), // a bug becomes a 500 Status, not a cut connection
  requestInfo, // verb, group, resource, name: nobody after this parses a URL
  refuseWhenClosed(parts.state), // caches that follow nothing must not be shown as the truth
  limitTime(parts.clock, parts.limits), // before authn, which may wait for somebody too
  authenticate(parts.authenticator),
  audit(parts.clock, parts.auditSink), // after authn, so that each record names its user
  impersonate(parts.authorizer),
  injectFaults(parts.faults), // after authn, so that a test can fail one client and spare the rest
  limitFlow(parts.limits, parts.flows),
  authorize(parts.authorizer),
]
