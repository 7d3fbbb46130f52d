import type { KubeObject } from '@miniplane/api'
import { withGenerated } from '../apply/last-applied.js'
import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { overridden, overrideFlags } from '../patch/overrides.js'
import { printFlags } from '../printers/print-flags.js'
import type { ResourceInfo } from '../resolve/discovery.js'
import type { Session } from '../session/session.js'
import { parseLabels } from '../workload/selector-text.js'
import { sendCreate } from '../write/write.js'
import { type DryRun, dryRunFlag, dryRunOf } from './dry-run.js'
import { type ResultPrinter, resultPrinter } from './result-printer.js'

const flags = {
  ...printFlags,
  annotations: flag.array('Annotations to apply to the pod.'),
  leaveStdinOpen: flag.bool('If true, leave stdin open after the first attach completes.'),
  attach: flag.bool('Accepted and refused: there is nothing to attach to.', { hidden: true }),
  command: flag.bool(
    "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default.",
  ),
  dryRun: dryRunFlag,
  env: flag.array('Environment variables to set in the container.'),
  expose: flag.bool(
    'If true, create a ClusterIP service associated with the pod. Requires `--port`.',
  ),
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-run',
  }),
  image: flag.string('The image for the container to run.', { required: true }),
  imagePullPolicy: flag.string('The image pull policy for the container.'),
  labels: flag.string(
    'Comma separated labels to apply to the pod. Will override previous values.',
    {
      short: 'l',
    },
  ),
  ...overrideFlags,
  podRunningTimeout: flag.duration('The length of time to wait until at least one pod is running', {
    default: 60_000,
  }),
  port: flag.string('The port that this container exposes.'),
  privileged: flag.bool('If true, run the container in privileged mode.'),
  quiet: flag.bool('If true, suppress prompt messages.', { short: 'q' }),
  restart: flag.string(
    'The restart policy for this Pod. Legal values [Always, OnFailure, Never].',
    {
      default: 'Always',
    },
  ),
  rm: flag.bool('Accepted and refused: only useful when attached.', { hidden: true }),
  saveConfig: flag.bool(
    'If true, the configuration of current object will be saved in its annotation.',
  ),
  stdin: flag.bool('Keep stdin open on the container in the pod, even if nothing is attached.', {
    short: 'i',
  }),
  timeout: flag.duration('The length of time to wait before giving up on a delete.'),
  tty: flag.bool('Allocate a TTY for the container in the pod.', { short: 't' }),
}

type Flags = FlagValues<typeof flags>

const PODS = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const SERVICES = {
  group: '',
  version: 'v1',
  resource: 'services',
  kind: 'Service',
  namespaced: true,
}

export const run = defineCommand({
  usage:
    'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...] [options]',
  summary: 'Run a particular image on the cluster',
  examples: [
    'kubectl run web --image=nginx',
    'kubectl run once --image=busybox --restart=Never -- true',
  ],
  flags,
  async run(session, { args, flags, path }) {
    const [name, ...words] = args
    if (name === undefined) throw usageError(path, 'NAME is required for run')
    if (flags.image === '') throw new CommandError('--image is required')
    if (!/^[a-z0-9][\w.:/@-]*$/i.test(flags.image)) {
      throw new CommandError(`Invalid image name "${flags.image}": invalid reference format`)
    }
    if (flags.tty && !flags.stdin) {
      throw usageError(path, '-i/--stdin is required for containers with -t/--tty=true')
    }
    if (flags.expose && flags.port === '') {
      throw usageError(path, '--port must be set when exposing a service')
    }
    if (!['Always', 'OnFailure', 'Never'].includes(flags.restart)) {
      throw usageError(path, `invalid restart policy: ${flags.restart}`)
    }
    const attaches = flags.attach || flags.stdin
    if (flags.rm && !attaches) {
      throw usageError(path, '--rm should only be used for attached containers')
    }
    const dryRun = dryRunOf(flags.dryRun)
    if (attaches && dryRun !== 'none') {
      throw usageError(
        path,
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
      )
    }
    if (!['', 'Always', 'IfNotPresent', 'Never'].includes(flags.imagePullPolicy)) {
      throw usageError(path, `invalid image pull policy: ${flags.imagePullPolicy}`)
    }
    const print = await resultPrinter(session, { ...flags, keepOrder: true }, dryRun)
    const pod = podOf(session, name, words, flags)
    if (flags.expose) {
      await make(session, SERVICES, serviceOf(session, pod, flags), flags, dryRun, print)
      // The printer puts one of its own between documents.
      if (flags.output === 'yaml') session.line('---')
    }
    await make(session, PODS, pod, flags, dryRun, print)
  },
})

function podOf(session: Session, name: string, words: readonly string[], flags: Flags): KubeObject {
  const env = flags.env.map((pair) => {
    const equals = pair.indexOf('=')
    if (equals <= 0) throw new CommandError(`invalid env: ${pair}`)
    return {
      name: pair.slice(0, equals),
      ...(pair.length > equals + 1 && { value: pair.slice(equals + 1) }),
    }
  })
  const labels = flags.labels === '' ? { run: name } : parseLabels(flags.labels)
  const annotations = Object.fromEntries(flags.annotations.map((pair) => pair.split(/=(.*)/s, 2)))
  const container = {
    name,
    image: flags.image,
    ...(words.length > 0 ? { [flags.command ? 'command' : 'args']: words } : {}),
    ...(flags.port === '' ? {} : { ports: [{ containerPort: Number(flags.port) }] }),
    ...(env.length > 0 ? { env } : {}),
    resources: {},
    ...(flags.imagePullPolicy === '' ? {} : { imagePullPolicy: flags.imagePullPolicy }),
    ...(flags.privileged ? { securityContext: { privileged: true } } : {}),
    ...(flags.stdin ? { stdin: true, stdinOnce: true } : {}),
    ...(flags.tty ? { tty: true } : {}),
  }
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      ...namespaceOf(session),
      labels,
      ...(flags.annotations.length > 0 ? { annotations } : {}),
    },
    spec: { containers: [container], restartPolicy: flags.restart, dnsPolicy: 'ClusterFirst' },
    status: {},
  }
  return overridden(pod, flags)
}

const namespaceOf = (session: Session) =>
  session.enforceNamespace ? { namespace: session.namespace } : {}

function serviceOf(session: Session, pod: KubeObject, flags: Flags): KubeObject {
  const port = Number(flags.port)
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name: pod.metadata.name ?? '',
      ...namespaceOf(session),
      ...(flags.labels !== '' && pod.metadata.labels && { labels: pod.metadata.labels }),
    },
    spec: {
      ports: [{ protocol: 'TCP', port, targetPort: port }],
      selector: pod.metadata.labels,
    },
    status: { loadBalancer: {} },
  }
}

async function make(
  session: Session,
  resource: Omit<ResourceInfo, 'singular' | 'verbs' | 'shortNames' | 'categories' | 'subresources'>,
  object: KubeObject,
  flags: Flags,
  dryRun: DryRun,
  print: ResultPrinter,
): Promise<void> {
  if (dryRun === 'client') return print(object, 'created')
  const saved = flags.saveConfig ? withGenerated(object) : object
  const place = { resource: resource as ResourceInfo, namespace: session.namespace }
  const { fieldManager } = flags
  print(await sendCreate(session, place, saved, { dryRun, fieldManager }), 'created')
}
