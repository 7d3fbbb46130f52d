import type { Command, CommandEntry } from '../cli/command.js'

/** Every command, with its module loaded only when it is used: start-up time matters. */
const subcommands: readonly CommandEntry[] = [
  entry(
    'create',
    'Create a resource from a file or from stdin',
    async () => (await import('./create.js')).create,
  ),
  entry(
    'expose',
    'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
    async () => (await import('./expose.js')).expose,
  ),
  entry('run', 'Run a particular image on the cluster', async () => (await import('./run.js')).run),
  entry('set', 'Set specific features on objects', async () => (await import('./set.js')).set),
  entry(
    'explain',
    'Get documentation for a resource',
    async () => (await import('./explain.js')).explain,
  ),
  entry('get', 'Display one or many resources', async () => (await import('./get.js')).get),
  entry('edit', 'Edit a resource on the server', async () => (await import('./edit.js')).edit),
  entry(
    'delete',
    'Delete resources by file names, stdin, resources and names, or by resources and label selector',
    async () => (await import('./delete.js')).deleteCommand,
  ),
  entry(
    'rollout',
    'Manage the rollout of a resource',
    async () => (await import('./rollout.js')).rollout,
  ),
  entry(
    'scale',
    'Set a new size for a deployment, replica set, or replication controller',
    async () => (await import('./scale.js')).scale,
  ),
  entry(
    'autoscale',
    'Auto-scale a deployment, replica set, stateful set, or replication controller',
    async () => (await import('./autoscale.js')).autoscale,
  ),
  entry(
    'certificate',
    'Modify certificate resources',
    async () => (await import('./certificate.js')).certificate,
  ),
  entry(
    'cluster-info',
    'Display cluster information',
    async () => (await import('./cluster-info.js')).clusterInfo,
  ),
  entry('top', 'Display resource (CPU/memory) usage', async () => (await import('./top.js')).top),
  entry('cordon', 'Mark node as unschedulable', async () => (await import('./cordon.js')).cordon),
  entry('uncordon', 'Mark node as schedulable', async () => (await import('./cordon.js')).uncordon),
  entry(
    'drain',
    'Drain node in preparation for maintenance',
    async () => (await import('./drain.js')).drain,
  ),
  entry(
    'taint',
    'Update the taints on one or more nodes',
    async () => (await import('./taint.js')).taint,
  ),
  entry(
    'describe',
    'Show details of a specific resource or group of resources',
    async () => (await import('./describe.js')).describe,
  ),
  entry(
    'logs',
    'Print the logs for a container in a pod',
    async () => (await import('./logs.js')).logs,
  ),
  entry(
    'attach',
    'Attach to a running container',
    async () => (await import('./attach.js')).attach,
  ),
  entry('exec', 'Execute a command in a container', async () => (await import('./exec.js')).exec),
  entry(
    'port-forward',
    'Forward one or more local ports to a pod',
    async () => (await import('./port-forward.js')).portForward,
  ),
  entry(
    'cp',
    'Copy files and directories to and from containers',
    async () => (await import('./cp.js')).cp,
  ),
  entry('auth', 'Inspect authorization', async () => (await import('./auth.js')).auth),
  entry('events', 'List events', async () => (await import('./events.js')).events),
  entry(
    'diff',
    'Diff the live version against a would-be applied version',
    async () => (await import('./diff.js')).diff,
  ),
  entry(
    'apply',
    'Apply a configuration to a resource by file name or stdin',
    async () => (await import('./apply.js')).apply,
  ),
  entry('patch', 'Update fields of a resource', async () => (await import('./patch.js')).patch),
  entry(
    'replace',
    'Replace a resource by file name or stdin',
    async () => (await import('./replace.js')).replace,
  ),
  entry(
    'wait',
    'Wait for a specific condition on one or many resources',
    async () => (await import('./wait.js')).wait,
  ),
  entry(
    'kustomize',
    'Build a kustomization target from a directory or URL',
    async () => (await import('./kustomize.js')).kustomize,
  ),
  entry('label', 'Update the labels on a resource', async () => (await import('./label.js')).label),
  entry(
    'annotate',
    'Update the annotations on a resource',
    async () => (await import('./annotate.js')).annotate,
  ),
  entry(
    'completion',
    'Output shell completion code for the specified shell (bash or zsh)',
    async () => (await import('./completion.js')).completion,
  ),
  entry(
    'api-resources',
    'Print the supported API resources on the server',
    async () => (await import('./api-resources.js')).apiResources,
  ),
  entry(
    'api-versions',
    'Print the supported API versions on the server, in the form of "group/version"',
    async () => (await import('./api-versions.js')).apiVersions,
  ),
  entry(
    'plugin',
    'Provides utilities for interacting with plugins',
    async () => (await import('./plugin.js')).plugin,
  ),
  entry('config', 'Modify kubeconfig files', async () => (await import('./config.js')).config),
  entry(
    'trace',
    'Show the chain of causes from a request to what runs',
    async () => (await import('./trace.js')).trace,
  ),
  entry(
    'options',
    'Print the list of flags inherited by all commands',
    async () => (await import('./options.js')).options,
  ),
  entry(
    'version',
    'Print the client and server version information',
    async () => (await import('./version.js')).version,
  ),
]

function entry(name: string, summary: string, load: () => Promise<Command>): CommandEntry {
  return { name, summary, load }
}

export const rootCommand: Command = {
  usage: 'kubectl [flags] [options]',
  summary: 'kubectl controls the Kubernetes cluster manager.',
  flags: {},
  showsHelp: true,
  subcommands,
}
