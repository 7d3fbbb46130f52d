import type { ApiResponse } from '@miniplane/api'
import type { Handler, RequestContext, Stage } from './stage.js'

/**
 * Makes requests fail on purpose. It answers itself, changes the answer, waits, or passes the
 * request on as it is.
 */
export interface FaultInjector {
  intercept(context: RequestContext, next: Handler): Promise<ApiResponse>
}

export const injectFaults =
  (injector: FaultInjector | undefined): Stage =>
  (context, next) =>
    injector ? injector.intercept(context, next) : next(context)
