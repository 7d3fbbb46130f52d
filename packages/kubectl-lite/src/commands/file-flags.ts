import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'

/** `-f` and what belongs to it. */
export const fileFlags = {
  filename: flag.slice('Filename, directory, or URL to files that contain the configuration.', {
    short: 'f',
  }),
  kustomize: flag.string(
    "Process the kustomization directory. This flag can't be used together with -f or -R.",
    { short: 'k' },
  ),
  recursive: flag.bool(
    'Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.',
    { short: 'R' },
  ),
}

/** What resolving takes from the file flags. */
export function fileTargets(flags: {
  readonly filename: readonly string[]
  readonly kustomize: string
  readonly recursive: boolean
}) {
  if (flags.kustomize !== '' && flags.filename.length > 0) {
    throw new CommandError('only one of -f or -k can be specified')
  }
  const { filename: filenames, kustomize, recursive } = flags
  return { filenames, kustomize, recursive }
}

export const requireFile = (flags: { filename: readonly string[]; kustomize: string }): void => {
  if (flags.filename.length === 0 && flags.kustomize === '') {
    throw new CommandError('must specify one of -f and -k')
  }
}
