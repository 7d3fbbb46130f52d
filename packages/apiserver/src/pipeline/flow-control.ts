import { tooManyRequests } from '@miniplane/api'
import type { FlowClassifier } from '../flow-control/flow-classifier.js'
import type { Limits } from '../limits.js'
import { isLongRunning } from './deadline.js'
import type { Stage } from './stage.js'

/**
 * Bounds the requests in progress, of all flows together; watches count only until they are
 * accepted. Finds out which flow a request is in, but for conversations, which are in none.
 */
export function limitFlow(limits: Limits, flows: FlowClassifier): Stage {
  let inFlight = 0
  return async (context, next) => {
    const { user, info } = context
    if (info.verb === 'watch' || !isLongRunning(info)) {
      const flow = flows.headersFor(user, info)
      if (flow) context.flow = flow
    }
    if (inFlight >= limits.requestsInFlightMax)
      throw tooManyRequests('Too many requests, please try again later.', 1)
    inFlight++
    try {
      return await next(context)
    } finally {
      inFlight--
    }
  }
}
