/**
 * Where the store reports work that is under way but not yet visible, so that whoever waits for
 * quiet can tell: watch batches waiting for a reader, and watchers still reading history.
 */
export interface Ledger {
  begin(activity: 'watchEvent', count?: number): void
  end(activity: 'watchEvent', count?: number): void
}

/** For a store that nobody waits for. */
export const silentLedger: Ledger = { begin() {}, end() {} }
