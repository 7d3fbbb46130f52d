import { tooManyRequests } from '@miniplane/api'
import type { Limits } from '../limits.js'
import type { Stage } from './stage.js'

/** Bounds the requests in progress; watches count only until they are accepted. */
export function limitFlow(limits: Limits): Stage {
  let inFlight = 0
  return async (context, next) => {
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
