import { badRequest, type Clock, parseDuration, timeout } from '@miniplane/api'
import type { Limits } from '../limits.js'
import type { RequestInfo } from './request-info.js'
import type { Stage } from './stage.js'

const LONG_RUNNING_SUBRESOURCES = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Streams, which last for as long as somebody reads them. */
export const isLongRunning = ({ verb, subresource }: RequestInfo) =>
  verb === 'watch' || verb === 'proxy' || LONG_RUNNING_SUBRESOURCES.has(subresource)

/**
 * Answers 504 when the answer takes longer than the client (`?timeout=`) or the server allows. What
 * the request was doing is not undone: it may still be stored, as in the real server.
 */
export const limitTime =
  (clock: Clock, { requestTimeoutMs }: Limits): Stage =>
  (context, next) => {
    if (isLongRunning(context.info)) return next(context)
    const timeoutMs = shorter(context.request.query.get('timeout'), requestTimeoutMs)
    const answer = next(context)
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(timeoutMs, () =>
        reject(timeout('request did not complete within the allotted timeout', 0)),
      )
      answer.then(
        (response) => {
          timer.cancel()
          resolve(response)
        },
        (error: unknown) => {
          timer.cancel()
          reject(error)
        },
      )
    })
  }

/** 0 and more than the server allows mean what the server allows. */
function shorter(asked: string | null, allowedMs: number): number {
  if (!asked) return allowedMs
  const askedMs = milliseconds(asked)
  return askedMs > 0 && askedMs < allowedMs ? askedMs : allowedMs
}

function milliseconds(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw badRequest(`invalid timeout specified in the request URL - ${problem}`)
  }
}
