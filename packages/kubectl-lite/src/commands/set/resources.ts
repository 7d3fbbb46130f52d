import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { selectContainers } from '../../workload/pod-template.js'
import { parseQuantities } from '../create/quota.js'
import { specOf } from './image.js'
import { requireTargets, updateFlags, updateObjects } from './update-objects.js'

export const setResources = defineCommand({
  usage: 'resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS] [options]',
  summary: 'Update resource requests/limits on objects with pod templates',
  examples: ['kubectl set resources deployment web --limits=cpu=200m,memory=64Mi'],
  flags: {
    ...updateFlags,
    containers: flag.string('The names of containers in the selected pod templates to change.', {
      short: 'c',
      default: '*',
    }),
    limits: flag.string('The resource requirement limits for this container.'),
    requests: flag.string('The resource requirement requests for this container.'),
  },
  async run(session, { args, flags }) {
    requireTargets(args, flags.filename)
    if (flags.limits === '' && flags.requests === '') {
      throw new CommandError(
        'you must specify an update to requests or limits (in the form of --requests/--limits)',
      )
    }
    const limits = parseQuantities(flags.limits)
    const requests = parseQuantities(flags.requests)
    return updateObjects(session, args, flags, {
      done: 'resource requirements updated',
      failure: 'failed to patch resources update to pod template',
      change(draft, info) {
        const containers = selectContainers(specOf(draft, info), flags.containers)
        if (containers.length === 0) {
          throw new CommandError(`unable to find container named ${flags.containers}`)
        }
        for (const container of containers) {
          const old = container.resources ?? {}
          container.resources = {
            ...old,
            ...(flags.limits === '' ? {} : { limits: merged(old.limits, limits) }),
            ...(flags.requests === '' ? {} : { requests: merged(old.requests, requests) }),
          }
        }
      },
    })
  },
})

const merged = (old: Record<string, string> = {}, wanted: Record<string, string>) => ({
  ...old,
  ...wanted,
})
