import { defineCommand, type Invocation } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { printObjects } from '../get/print-objects.js'
import { printTables } from '../get/print-tables.js'
import { getRaw } from '../get/raw.js'
import { watchTargets } from '../get/watch.js'
import { printFlags } from '../printers/print-flags.js'
import { fileFlags } from './file-flags.js'

const flags = {
  ...fileFlags,
  ...printFlags,
  allNamespaces: flag.bool(
    'If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.',
    { short: 'A' },
  ),
  chunkSize: flag.int('Return large lists in chunks rather than all at once. Pass 0 to disable.', {
    default: 500,
  }),
  fieldSelector: flag.string("Selector (field query) to filter on, supports '=', '==', and '!='."),
  ignoreNotFound: flag.bool(
    'If set to true, suppresses NotFound error for specific objects that do not exist.',
  ),
  labelColumns: flag.slice(
    'Accepts a comma separated list of labels that are going to be presented as columns.',
    { short: 'L' },
  ),
  noHeaders: flag.bool(
    "When using the default or custom-column output format, don't print headers (default print headers).",
  ),
  outputWatchEvents: flag.bool('Output watch event objects when --watch or --watch-only is used.'),
  raw: flag.string(
    'Raw URI to request from the server. Uses the transport specified by the kubeconfig file.',
  ),
  selector: flag.string(
    "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.",
    { short: 'l' },
  ),
  serverPrint: flag.bool('If true, have the server return the appropriate table output.', {
    default: true,
  }),
  showKind: flag.bool('If present, list the resource type for the requested object(s).'),
  showLabels: flag.bool(
    'When printing, show all labels as the last column (default hide labels column)',
  ),
  sortBy: flag.string(
    'If non-empty, sort list types using this field specification, expressed as a JSONPath expression.',
  ),
  subresource: flag.string('If specified, gets the subresource of the requested object.'),
  watch: flag.bool('After listing/getting the requested object, watch for changes.', {
    short: 'w',
  }),
  watchOnly: flag.bool(
    'Watch for changes to the requested object(s), without listing/getting first.',
  ),
}

export type GetFlags = FlagValues<typeof flags>

export const get = defineCommand({
  usage:
    'get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]',
  summary: 'Display one or many resources',
  examples: [
    'kubectl get pods',
    'kubectl get pods -o wide',
    'kubectl get deployment web -o jsonpath={.spec.replicas}',
    'kubectl get all -l app=web',
  ],
  flags,
  async run(session, invocation) {
    const { args, path } = invocation
    const values = invocation.flags
    const named = args.length > 0 || values.filename.length > 0
    if (values.raw !== '') return getRaw(session, values.raw, named)
    refuseUnfit(invocation)
    if (!named && values.kustomize === '') {
      session.out.stderr(
        'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
      )
      throw usageError(path, REQUIRED)
    }
    if (values.watch || values.watchOnly) return watchTargets(session, args, values)
    return isForPeople(values.output)
      ? printTables(session, args, values)
      : printObjects(session, args, values)
  },
})

const REQUIRED = `error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).`

/** Tables are for people; every other format wants the objects themselves. */
export const isForPeople = (output: string): boolean => output === '' || output === 'wide'

function refuseUnfit(invocation: Invocation<typeof flags>): void {
  const { flags: values, path } = invocation
  if (values.outputWatchEvents && !values.watch && !values.watchOnly) {
    throw usageError(
      path,
      '--output-watch-events option can only be used with --watch or --watch-only',
    )
  }
  if (values.showLabels && !isForPeople(values.output)) {
    throw new CommandError(`--show-labels option cannot be used with ${values.output} printer`)
  }
}
