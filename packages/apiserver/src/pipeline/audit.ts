import type { Clock } from '@miniplane/api'
import type { RequestContext, Stage } from './stage.js'

/** One finished request, as far as an audit log wants to know. */
export interface AuditRecord {
  readonly auditId: string
  readonly user: string
  readonly verb: string
  readonly path: string
  readonly code: number
  readonly receivedMs: number
  readonly durationMs: number
}

export interface AuditSink {
  record(record: AuditRecord): void
}

/** Tells the sink about each request when it has been answered. */
export const audit = (clock: Clock, sink: AuditSink | undefined): Stage =>
  sink ? recording(clock, sink) : (context, next) => next(context)

const recording =
  (clock: Clock, sink: AuditSink): Stage =>
  async (context, next) => {
    const receivedMs = clock.now()
    const startMs = clock.monotonic()
    const finish = (code: number) =>
      sink.record(recordOf(context, code, receivedMs, clock.monotonic() - startMs))
    try {
      const response = await next(context)
      finish(response.status)
      return response
    } catch (error) {
      finish((error as { code?: number }).code ?? 500)
      throw error
    }
  }

function recordOf(
  { auditId, user, info }: RequestContext,
  code: number,
  receivedMs: number,
  durationMs: number,
): AuditRecord {
  return {
    auditId,
    user: user.name,
    verb: info.verb,
    path: info.path,
    code,
    receivedMs,
    durationMs,
  }
}
