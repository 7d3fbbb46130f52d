import type { Clock } from '../clock.js'
import { AutoCompactor } from '../compactor/auto-compactor.js'
import { StoreError } from '../errors.js'
import type { Member } from '../node/member.js'
import { compactionOf } from './config/auto-compaction.js'
import type { Settings } from './config/options/options.js'
import type { ProgramLog } from './log/json-log.js'

/** Compacts as the settings say while the member leads; undefined: they say nothing. */
export function startCompactor(
  member: Member,
  settings: Settings,
  { clock, log }: { readonly clock: Clock; readonly log: ProgramLog },
): AutoCompactor | undefined {
  const compaction = compactionOf(settings)
  if (compaction === undefined) return undefined
  const compactor = new AutoCompactor(compaction, {
    clock,
    log: log.of('compactor/auto-compactor.ts'),
    revision: () => member.server.header().revision,
    async compact(revision) {
      // The leader has done it, or will.
      if (member.leader !== member.id) {
        const compactRevision = revision
        throw new StoreError({ code: 'Compacted', requestedRevision: revision, compactRevision })
      }
      await member.server.compact(revision, {}, {})
    },
  })
  compactor.resume()
  return compactor
}
