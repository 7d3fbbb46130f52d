import { ConnectionError, ErrorCode } from './errors.js'
import {
  FRAME_BYTES_DEFAULT,
  FRAME_HEAD_BYTES,
  FrameType,
  MAX_31_BITS,
  readUint32,
  writeFrameHead,
  writeUint32,
} from './frames.js'
import type { Http2Limits } from './limits.js'

/** Source: RFC 9113, 6.5.2. */
const Setting = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
} as const

const SETTING_BYTES = 6
const MAX_FRAME_SIZE_MAX = 0xff_ffff
/** A window before anybody has said another size. */
export const WINDOW_BYTES_DEFAULT = 65_535
/** Ours for header blocks is the one that needn't be said. */
export const TABLE_BYTES_DEFAULT = 4096

/** What the client has said about itself. */
export interface ClientSettings {
  headerTableBytes: number
  initialWindowBytes: number
  frameBytesMax: number
}

export const initialClientSettings = (): ClientSettings => ({
  headerTableBytes: TABLE_BYTES_DEFAULT,
  initialWindowBytes: WINDOW_BYTES_DEFAULT,
  frameBytesMax: FRAME_BYTES_DEFAULT,
})

/** Takes over what a SETTINGS frame says. Throws a `ConnectionError`. */
export function readSettings(
  settings: ClientSettings,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at += SETTING_BYTES) {
    const id = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    apply(settings, id, readUint32(bytes, at + 2))
  }
}

function apply(settings: ClientSettings, id: number, value: number): void {
  if (id === Setting.headerTableSize) settings.headerTableBytes = value
  else if (id === Setting.enablePush && value > 1) {
    throw new ConnectionError(ErrorCode.protocolError, `ENABLE_PUSH of ${value}`)
  } else if (id === Setting.initialWindowSize) {
    if (value > MAX_31_BITS) {
      throw new ConnectionError(ErrorCode.flowControlError, `a window of ${value} bytes`)
    }
    settings.initialWindowBytes = value
  } else if (id === Setting.maxFrameSize) {
    if (value < FRAME_BYTES_DEFAULT || value > MAX_FRAME_SIZE_MAX) {
      throw new ConnectionError(ErrorCode.protocolError, `frames of ${value} bytes`)
    }
    settings.frameBytesMax = value
  }
}

/** Our side's beginning: what we ask for, and the connection's window. */
export function serverPreface(limits: Http2Limits): Buffer {
  const settings: [id: number, value: number][] = [
    [Setting.initialWindowSize, limits.streamWindowBytes],
    [Setting.maxHeaderListSize, limits.headerListBytesMax],
  ]
  // The largest there is says nothing.
  if (limits.concurrentStreamsMax < 0xffff_ffff) {
    settings.push([Setting.maxConcurrentStreams, limits.concurrentStreamsMax])
  }
  const length = settings.length * SETTING_BYTES
  const more = limits.connectionWindowBytes - WINDOW_BYTES_DEFAULT
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + length + (more > 0 ? FRAME_HEAD_BYTES + 4 : 0))
  let at = writeFrameHead(bytes, 0, length, FrameType.settings, 0, 0)
  for (const [id, value] of settings) {
    bytes.writeUInt16BE(id, at)
    at = writeUint32(bytes, at + 2, value)
  }
  if (more > 0) writeUint32(bytes, writeFrameHead(bytes, at, 4, FrameType.windowUpdate, 0, 0), more)
  return bytes
}
