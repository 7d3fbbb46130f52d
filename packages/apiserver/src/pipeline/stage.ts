import type { ApiRequest, ApiResponse } from '@miniplane/api'
import type { FlowHeaders } from '../flow-control/flow-headers.js'
import type { RequestInfo } from './request-info.js'

/** Who makes a request, as authentication found out. */
export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** A request on its way through the pipeline, with what the stages have learnt about it. */
export interface RequestContext {
  readonly request: ApiRequest
  /** Identifies the request in logs, in `Audit-Id` and in the record of causes. */
  readonly auditId: string
  /** Set by the stage `requestInfo`. */
  info: RequestInfo
  /** Set by the stage `authenticate`, changed by `impersonate`. */
  user: UserInfo
  /** Set by the stage `limitFlow`: what the answer says of the flow that the request is in. */
  flow?: FlowHeaders
  /** Texts for `Warning` headers, in the order in which they were found. */
  readonly warnings: string[]
}

export type Handler = (context: RequestContext) => Promise<ApiResponse>

/** Answers, or passes the request on. Knows no other stage. */
export type Stage = (context: RequestContext, next: Handler) => Promise<ApiResponse>

/** Puts stages in front of a handler; the first of the list meets the request first. */
export const compose = (stages: readonly Stage[], handler: Handler): Handler =>
  stages.reduceRight<Handler>((next, stage) => (context) => stage(context, next), handler)
