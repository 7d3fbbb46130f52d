import type { Pod } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { podsOf } from './pods-of.js'

/** The Pod that `POD` or `TYPE/NAME` means. Throws when there is none. */
export async function findPod(session: Session, target: string): Promise<Pod> {
  const args = target.includes('/') ? [target] : ['pods', target]
  const { infos, errors } = await resolveInfos(session, { args, latest: true })
  if (errors[0]) throw errors[0]
  const [info] = infos
  const [pod] = info ? await podsOf(session, info.object) : []
  if (!pod) throw new CommandError('no pods found')
  return pod
}
