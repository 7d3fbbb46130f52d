import { defineCommand } from '../../cli/command.js'
import { CommandError } from '../../errors/errors.js'
import { specOf } from './image.js'
import { updateFlags, updateObjects } from './update-objects.js'

export const setServiceAccount = defineCommand({
  usage: 'serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT [options]',
  summary: 'Update the service account of a resource',
  examples: ['kubectl set serviceaccount deployment web robot'],
  flags: updateFlags,
  async run(session, { args, flags }) {
    const name = args.at(-1)
    if (name === undefined) throw new CommandError('serviceaccount is required')
    return updateObjects(session, args.slice(0, -1), flags, {
      done: 'serviceaccount updated',
      reportUnchanged: true,
      change(draft, info) {
        specOf(draft, info).serviceAccountName = name
      },
    })
  },
})
