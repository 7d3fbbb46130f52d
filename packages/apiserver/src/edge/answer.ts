import {
  type ApiResponse,
  badRequest,
  encodeJsonText,
  internalError,
  isStatusError,
  type Status,
  type WatchSource,
} from '@miniplane/api'
import type { Limits } from '../limits.js'
import type { ApiServer } from '../server.js'
import type { AnswerStream } from './answer-stream.js'
import type { EdgeRequest } from './edge-request.js'
import type { EventOutbox } from './event-outbox.js'
import type { TurnEnd } from './turn-end.js'

/** What the connections of one edge share. */
export interface EdgeServices {
  readonly apiServer: ApiServer
  readonly outbox: EventOutbox
  readonly turnEnd: TurnEnd
}

/** Has a request answered, and writes the answer. Never rejects. */
export async function answer(
  { apiServer, outbox }: EdgeServices,
  request: EdgeRequest,
  stream: AnswerStream,
): Promise<void> {
  try {
    send(await apiServer.handle(request), stream, outbox, apiServer)
  } catch (error) {
    if (stream.isClosed) return
    apiServer.log.error('an answer could not be sent', { error })
    refuse(stream, error)
  }
}

/** Answers with what was thrown. */
export function refuse(stream: AnswerStream, error: unknown): void {
  const status: Status = isStatusError(error) ? error.status : internalError(error).status
  const body = Buffer.from(`${encodeJsonText(status)}\n`)
  stream.respond(status.code ?? 500, { 'content-type': 'application/json' }, [body])
}

function send(
  { status, headers, body }: ApiResponse,
  stream: AnswerStream,
  outbox: EventOutbox,
  { limits, log }: ApiServer,
): void {
  const fields = headers.warning === undefined ? headers : onWire(headers)
  switch (body.kind) {
    case 'watch':
      stream.begin(status, fields)
      streamEvents(body.events, stream, outbox, limits)
      return
    case 'object':
      stream.respond(status, fields, body.parts?.() ?? [body.json()])
      return
    case 'bytes':
      stream.respond(status, fields, [body.bytes])
      return
    case 'stream':
      if (stream.beginBytes) stream.beginBytes(status, fields)
      else stream.begin(status, fields)
      sendParts(body.open, stream, limits).catch((error: unknown) =>
        log.error('an answer broke off', { error }),
      )
      return
    case 'upgrade':
      if (stream.upgrade) stream.upgrade(body.conversation)
      else refuse(stream, badRequest('Upgrade request required'))
      return
    case 'none':
      stream.respond(status, fields, [])
  }
}

/** Sends bytes as they come, until there are no more, the client goes, or it is too far behind. */
async function sendParts(
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  stream: AnswerStream,
  { watchQueuedBytesMax }: Limits,
): Promise<void> {
  const gone = new AbortController()
  stream.onGone(() => gone.abort())
  if (stream.isClosed) return
  try {
    for await (const bytes of open(gone.signal)) {
      if (stream.isClosed) return
      if (stream.queuedBytes > watchQueuedBytesMax) {
        stream.destroy()
        return
      }
      stream.writeFramed(stream.framing.join([bytes]))
    }
    stream.finish()
  } catch (error) {
    // Its head is sent: a body that breaks off is all that can still be said.
    stream.destroy()
    if (!gone.signal.aborted) throw error
  }
}

/** A header carries bytes, one a character. Only warnings hold what people wrote. */
function onWire(headers: ApiResponse['headers']): ApiResponse['headers'] {
  const warning = [headers.warning ?? []].flat().map((text) => Buffer.from(text).toString('latin1'))
  return { ...headers, warning }
}

/** Sends events as they come, until the watch or its client ends. */
function streamEvents(
  events: WatchSource,
  stream: AnswerStream,
  outbox: EventOutbox,
  { watchQueuedBytesMax }: Limits,
): void {
  // Gone before it was answered: nobody would say so again, and the watch would stay.
  if (stream.isClosed) return
  const mailbox = outbox.open(stream, watchQueuedBytesMax)
  let stop: (() => void) | undefined
  let isOver = false
  stream.onGone(() => {
    isOver = true
    stop?.()
  })
  stop = events.subscribe({
    onEvents: (batch) => mailbox.put(batch),
    onEnd() {
      isOver = true
      mailbox.end()
    },
  })
  if (isOver) stop()
}
