import { ConnectionError, ErrorCode } from './errors.js'
import { Flag, FrameType } from './frames.js'

/** The payload of a PING. */
const PING_BYTES = 8
/** An identifier and a value. */
const SETTING_BYTES = 6
/** The last stream and a code, before any text. */
const GOAWAY_BYTES_MIN = 8

/**
 * What is wrong with a frame whatever came before it ends the connection. What is one stream's own
 * fault is not looked for here. Source: RFC 9113, 6.
 */
export function checkShape(type: number, flags: number, streamId: number, length: number): void {
  switch (type) {
    case FrameType.windowUpdate:
      if (length !== 4) throw new ConnectionError(ErrorCode.frameSizeError, 'no window update')
      break
    case FrameType.rstStream:
      if (length !== 4) throw new ConnectionError(ErrorCode.frameSizeError, 'no reset')
      break
    case FrameType.settings:
      ofConnection(streamId, 'settings of a stream')
      if (flags & Flag.ack && length > 0) {
        throw new ConnectionError(ErrorCode.frameSizeError, 'settings to acknowledge')
      }
      if (length % SETTING_BYTES !== 0) {
        throw new ConnectionError(ErrorCode.frameSizeError, 'settings that are cut off')
      }
      break
    case FrameType.ping:
      ofConnection(streamId, 'a ping of a stream')
      if (length !== PING_BYTES) throw new ConnectionError(ErrorCode.frameSizeError, 'no ping')
      break
    case FrameType.goaway:
      ofConnection(streamId, 'goaway of a stream')
      if (length < GOAWAY_BYTES_MIN) {
        throw new ConnectionError(ErrorCode.frameSizeError, 'no goaway')
      }
      break
    case FrameType.priority:
      if (streamId === 0) {
        throw new ConnectionError(ErrorCode.protocolError, 'priority of no stream')
      }
      break
    case FrameType.pushPromise:
      throw new ConnectionError(ErrorCode.protocolError, 'clients promise nothing')
  }
}

function ofConnection(streamId: number, otherwise: string): void {
  if (streamId !== 0) throw new ConnectionError(ErrorCode.protocolError, otherwise)
}
