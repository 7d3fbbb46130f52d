import type { AutoCompaction } from '../../compactor/auto-compactor.js'
import { ConfigError } from './config-error.js'
import type { Settings } from './options/options.js'
import { parseDuration } from './value-type.js'

const HOUR_MS = 3_600_000

/** How much history is kept without being asked; undefined: all. Throws a `ConfigError`. Source: etcd, --auto-compaction-retention. */
export function compactionOf(
  settings: Pick<Settings, 'auto-compaction-mode' | 'auto-compaction-retention'>,
): AutoCompaction | undefined {
  const mode = settings['auto-compaction-mode']
  const retention = settings['auto-compaction-retention'] || '0'
  if (mode !== 'periodic' && mode !== 'revision')
    throw new ConfigError(`unknown auto-compaction-mode ${JSON.stringify(mode)}`)
  const count = /^\d+$/.test(retention) ? Number(retention) : undefined
  const kept = count ?? (mode === 'periodic' ? parseDuration(retention) : undefined)
  if (kept === undefined || kept < 0 || !Number.isSafeInteger(Math.round(kept))) {
    throw new ConfigError(
      `error parsing CompactionRetention: time: invalid duration ${JSON.stringify(retention)}`,
    )
  }
  if (kept === 0) return undefined
  if (mode === 'revision') return { mode, retentionRevisions: kept }
  return { mode, retentionMs: count === undefined ? kept : count * HOUR_MS }
}
