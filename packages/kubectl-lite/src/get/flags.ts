import { type FlagValues, flag } from '../cli/flags.js'
import { fileFlags } from '../commands/file-flags.js'
import { printFlags } from '../printers/print-flags.js'

/** The flags of `get`. */
export const getFlags = {
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

export type GetFlags = FlagValues<typeof getFlags>

/** Tables are for people; every other format wants the objects themselves. */
export const isForPeople = (output: string): boolean => output === '' || output === 'wide'
