/** Every bound of this package, in one place. */
export const limits = {
  /** Items a list request asks for at a time; the rest follows page by page. */
  listChunk: 500,
  /** Between two tries of a write that met a conflict. */
  conflictRetriesMax: 5,
  conflictRetryMs: 20,
  /** Between two looks at something that is waited for without a watch. */
  pollMs: 200,
  /** An outermost manifest file larger than this is refused. */
  manifestBytesMax: 64 * 1024 * 1024,
  /** Copied out of a container at once. */
  copiedBytesMax: 256 * 1024 * 1024,
  /** Pause before a watch that the server ended is opened again. */
  rewatchMs: 100,
  /** How deep templates and JSONPath may nest. */
  nestingMax: 1000,
} as const
