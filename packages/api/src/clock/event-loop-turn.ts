/**
 * Resolves after the event loop has gone round once: what other code had ready to do is done. No
 * timer: it passes also while a held clock stands still.
 */
export const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
