import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { labelSelectorObject } from '../../workload/selector-text.js'
import { updateFlags, updateObjects } from './update-objects.js'

export const setSelector = defineCommand({
  usage: 'selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version] [options]',
  summary: 'Set the selector on a resource',
  examples: ['kubectl set selector service web app=web'],
  flags: { ...updateFlags, resourceVersion: flag.string('Precondition for resource version.') },
  async run(session, { args, flags }) {
    const expression = args.at(-1)
    const wanted = expression === undefined ? undefined : labelSelectorObject(expression)
    return updateObjects(session, args.slice(0, -1), flags, {
      check() {
        if (!wanted) throw new CommandError('one selector is required')
      },
      done: 'selector updated',
      reportUnchanged: true,
      change(draft) {
        if (draft.kind !== 'Service') {
          throw new CommandError('setting a selector is only supported for Services')
        }
        if (wanted?.matchExpressions) {
          const texts = wanted.matchExpressions.map(
            ({ key, operator, values = [] }) => `{${key} ${operator} [${values.join(' ')}]}`,
          )
          throw new CommandError(
            `match expression [${texts.join(' ')}] not supported on this object`,
          )
        }
        draft.spec = { ...(draft.spec as object), selector: wanted?.matchLabels ?? {} }
      },
    })
  },
})
