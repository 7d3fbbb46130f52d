import { defineCommand, type Invocation } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { CommandError } from '../errors/errors.js'
import { getFlags, isForPeople } from '../get/flags.js'
import { printObjects } from '../get/print-objects.js'
import { printTables } from '../get/print-tables.js'
import { getRaw } from '../get/raw.js'
import { watchTargets } from '../get/watch.js'

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
  flags: getFlags,
  async run(session, invocation) {
    const { args, path } = invocation
    const values = invocation.flags
    const named = args.length > 0 || values.filename.length > 0
    if (values.raw !== '') {
      if (values.output !== '') throw new CommandError('--raw and --output are mutually exclusive')
      return getRaw(session, values.raw, named)
    }
    refuseUnfit(invocation)
    if (!named && values.kustomize === '') {
      session.out.stderr(
        'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
      )
      throw usageError(path, REQUIRED)
    }
    if (values.watch || values.watchOnly) return watchTargets(session, args, values)
    const output = values.output === '' && values.template !== '' ? 'go-template' : values.output
    return isForPeople(output)
      ? printTables(session, args, values)
      : printObjects(session, args, { ...values, output })
  },
})

const REQUIRED = `error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).`

function refuseUnfit(invocation: Invocation<typeof getFlags>): void {
  const { flags: values } = invocation
  if (values.outputWatchEvents && !values.watch && !values.watchOnly) {
    throw new CommandError(
      '--output-watch-events option can only be used with --watch or --watch-only',
    )
  }
  if (values.showLabels && !isForPeople(values.output)) {
    throw new CommandError(`--show-labels option cannot be used with ${values.output} printer`)
  }
}
