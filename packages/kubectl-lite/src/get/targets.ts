import { fileTargets } from '../commands/file-flags.js'
import { type Resolution, resolveTargets } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import type { GetFlags } from './flags.js'

export function getTargets(
  session: Session,
  args: readonly string[],
  flags: GetFlags,
): Promise<Resolution> {
  return resolveTargets(session, {
    ...fileTargets(flags),
    args,
    selector: flags.selector,
    fieldSelector: flags.fieldSelector,
    allNamespaces: flags.allNamespaces,
    bareTypeMeansAll: true,
  })
}
