import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError, throwCollected } from '../../errors/errors.js'
import type { Info } from '../../resolve/info.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
import { WEEK_MS, waitUntil } from '../../waiting/until.js'
import { rolloutState } from '../../workload/rollout-status.js'
import { fileFlags, fileTargets } from '../file-flags.js'
import { requireResource } from './patch-each.js'

export const status = defineCommand({
  usage: 'status (TYPE NAME | TYPE/NAME) [flags] [options]',
  summary: 'Show the status of the rollout',
  examples: ['kubectl rollout status deployment/web'],
  flags: {
    ...fileFlags,
    revision: flag.int(
      'Pin to a specific revision for showing its status. Defaults to 0 (last revision).',
    ),
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
    timeout: flag.duration('The length of time to wait before ending watch, zero means never.'),
    watch: flag.bool("Watch the status of the rollout until it's done.", {
      short: 'w',
      default: true,
    }),
  },
  async run(session, { args, flags }) {
    requireResource(args, flags.filename)
    if (flags.revision < 0) {
      throw new CommandError(`revision must be a positive integer: ${flags.revision}`)
    }
    const { selector } = flags
    const visited = await resolveInfos(session, {
      ...fileTargets(flags),
      args,
      selector,
      bareTypeMeansAll: true,
      latest: true,
    })
    throwCollected(visited.errors)
    for (const info of visited.infos) await follow(session, info, flags)
  },
})

async function follow(
  session: Session,
  info: Info,
  flags: { revision: number; watch: boolean; timeout: number },
): Promise<void> {
  if (!flags.watch) {
    session.out.stdout(rolloutState(info.object, flags.revision).text)
    return
  }
  const show = (object: Info['object'] | undefined): boolean => {
    if (!object) throw new CommandError('object has been deleted')
    const whole = { ...object, kind: object.kind ?? info.resource.kind }
    const { text, done } = rolloutState(whole, flags.revision)
    session.out.stdout(text)
    return done
  }
  await waitUntil(session, info, show, flags.timeout || WEEK_MS)
}
