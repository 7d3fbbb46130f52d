import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'

const flags = {
  allNamespaces: flag.bool('If present, list the requested object(s) across all namespaces.', {
    short: 'A',
  }),
  containers: flag.bool('If present, print usage of containers within a pod.'),
  noHeaders: flag.bool('If present, print output without headers.'),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  sortBy: flag.string('If non-empty, sort list using specified field.'),
}

const refuse = (name: string, summary: string) =>
  defineCommand({
    usage: `${name} [NAME | -l label] [options]`,
    summary,
    flags,
    async run() {
      // Usage comes from metrics.k8s.io, which this control plane does not serve.
      throw new CommandError('Metrics API not available')
    },
  })

export const top = defineCommand({
  usage: 'top [flags] [options]',
  summary: 'Display resource (CPU/memory) usage.',
  flags: {},
  subcommands: [
    {
      name: 'node',
      aliases: ['nodes', 'no'],
      summary: 'Display resource (CPU/memory) usage of nodes',
      load: async () => refuse('node', 'Display resource (CPU/memory) usage of nodes'),
    },
    {
      name: 'pod',
      aliases: ['pods', 'po'],
      summary: 'Display resource (CPU/memory) usage of pods',
      load: async () => refuse('pod', 'Display resource (CPU/memory) usage of pods'),
    },
  ],
})
