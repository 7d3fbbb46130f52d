import type { ApiResponse, Conversation } from '@miniplane/api'

export type ResponseHeaders = ApiResponse['headers']
export type Body = readonly Uint8Array[]

export const lengthOf = (body: Body): number => body.reduce((sum, { length }) => sum + length, 0)

/**
 * Where the answer to one request goes, whichever protocol carries it. Nothing of it throws once the
 * client is gone: what is written then is dropped.
 */
export interface AnswerStream {
  /** The answer is complete, or the client is gone. */
  readonly isClosed: boolean
  /** Bytes that were written and that the client has not taken yet. */
  readonly queuedBytes: number
  readonly framing: Framing
  /**
   * The whole answer, its body in pieces that nobody writes to any more. They are only measured when
   * the request wanted no more than the head.
   */
  respond(status: number, headers: ResponseHeaders, body: Body): void
  /** The head of an answer that goes on with `writeFramed` until `finish`. */
  begin(status: number, headers: ResponseHeaders): void
  /** The same for bytes of one text; absent where it is the same. */
  beginBytes?(status: number, headers: ResponseHeaders): void
  /** `bytes` come from `framing.join`. */
  writeFramed(bytes: Uint8Array): void
  finish(): void
  /**
   * The connection is for this conversation from now on. Absent where the client did not ask for an
   * upgrade, or for one that nobody here speaks.
   */
  upgrade?(conversation: Conversation): void
  /** Cuts the client off: the answer can't be completed. */
  destroy(): void
  /** Calls back once, when the client goes away before the answer is complete. */
  onGone(callback: () => void): void
}

/** How parts of a streamed answer look on the wire: what is equal for many is made once. */
export interface Framing {
  join(parts: readonly Uint8Array[]): Uint8Array
}

/** Parts as they are, one after the other. */
export const plainFraming: Framing = { join: (parts) => Buffer.concat(parts) }
