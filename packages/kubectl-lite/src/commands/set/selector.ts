import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { parseLabels } from '../../workload/selector-text.js'
import { requireTargets, splitAtChanges, updateFlags, updateObjects } from './update-objects.js'

export const setSelector = defineCommand({
  usage: 'selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version] [options]',
  summary: 'Set the selector on a resource',
  examples: ['kubectl set selector service web app=web'],
  flags: { ...updateFlags, resourceVersion: flag.string('Precondition for resource version.') },
  async run(session, { args, flags }) {
    const { targets, changes } = splitAtChanges(args, (word) => word.includes('='))
    requireTargets(targets, flags.filename)
    const [expression, ...more] = changes
    if (expression === undefined || more.length > 0) {
      throw new CommandError('one selector is required')
    }
    const selector = parseLabels(expression)
    return updateObjects(session, targets, flags, {
      done: 'selector updated',
      reportUnchanged: true,
      change(draft) {
        if (draft.kind !== 'Service') {
          throw new CommandError('setting a selector is only supported for Services')
        }
        draft.spec = { ...(draft.spec as object), selector }
      },
    })
  },
})
