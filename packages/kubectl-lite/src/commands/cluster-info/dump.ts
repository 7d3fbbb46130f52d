import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { KubeList, KubeObject, Pod } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { printerFor, printFlags } from '../../printers/print-flags.js'
import { resourcePath } from '../../resolve/paths.js'
import type { Session } from '../../session/session.js'

/** What is shown of each namespace, and what its file is called. */
const KINDS = [
  { group: '', resource: 'events', file: 'events' },
  { group: '', resource: 'replicationcontrollers', file: 'replication-controllers' },
  { group: '', resource: 'services', file: 'services' },
  { group: 'apps', resource: 'daemonsets', file: 'daemonsets' },
  { group: 'apps', resource: 'deployments', file: 'deployments' },
  { group: 'apps', resource: 'replicasets', file: 'replicasets' },
  { group: '', resource: 'pods', file: 'pods' },
] as const

export const dump = defineCommand({
  usage: 'dump [flags] [options]',
  summary: 'Dump relevant information for debugging and diagnosis',
  examples: [
    'kubectl cluster-info dump',
    'kubectl cluster-info dump --output-directory=/path/to/cluster-state',
  ],
  flags: {
    ...printFlags,
    output: { ...printFlags.output, default: 'json' },
    allNamespaces: flag.bool('If true, dump all namespaces. If true, --namespaces is ignored.', {
      short: 'A',
    }),
    namespaces: flag.slice('A comma separated list of namespaces to dump.'),
    outputDirectory: flag.string(
      "Where to output the files. If empty or '-' uses stdout, otherwise creates a directory hierarchy in that directory",
    ),
    podRunningTimeout: flag.duration('The length of time to wait until a pod is running', {
      default: 20_000,
    }),
  },
  async run(session, { flags }) {
    const { folder } = session.environment
    const printer = await printerFor({ ...flags, keepOrder: true, folder })
    const isFolder = flags.outputDirectory !== '' && flags.outputDirectory !== '-'
    const extension = ['json', 'yaml'].includes(flags.output) ? `.${flags.output}` : '.txt'
    const write = (file: string, text: string) => {
      if (!isFolder) return session.out.stdout(text)
      const path = resolve(folder, flags.outputDirectory, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    const show = (file: string, list: KubeObject) => {
      if (flags.output === 'name') {
        throw new CommandError(`list types are not supported by name printing: *v1.${list.kind}`)
      }
      // Nothing is null to those who decode lists into Go's slices.
      const isEmpty = Array.isArray(list.items) && list.items.length === 0
      write(`${file}${extension}`, printer.print(isEmpty ? { ...list, items: null } : list))
    }
    show('nodes', await listOf(session, '', 'nodes'))
    for (const namespace of await wantedNamespaces(session, flags)) {
      for (const { group, resource, file } of KINDS) {
        const list = await listOf(session, group, resource, namespace)
        show(join(namespace, file), list)
        if (resource !== 'pods') continue
        for (const pod of (list as unknown as KubeList).items as unknown as Pod[]) {
          write(join(namespace, pod.metadata?.name ?? '', 'logs.txt'), await logsOf(session, pod))
        }
      }
    }
    if (isFolder) session.line(`Cluster info dumped to ${flags.outputDirectory}`)
  },
})

function listOf(
  session: Session,
  group: string,
  resource: string,
  namespace = '',
): Promise<KubeObject> {
  const place = { group, version: 'v1', resource, namespaced: namespace !== '' }
  return session.rest.object({ method: 'GET', path: resourcePath(place, namespace) })
}

async function wantedNamespaces(
  session: Session,
  flags: { readonly allNamespaces: boolean; readonly namespaces: readonly string[] },
): Promise<readonly string[]> {
  if (flags.allNamespaces) {
    const list = (await listOf(session, '', 'namespaces')) as unknown as KubeList
    return list.items.map(({ metadata }) => metadata.name ?? '')
  }
  return flags.namespaces.length > 0 ? flags.namespaces : ['kube-system', session.namespace]
}

async function logsOf(session: Session, { metadata, spec }: Pod): Promise<string> {
  const { name = '', namespace = '' } = metadata ?? {}
  let text = ''
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
    const what = `logs for container ${container.name} of pod ${namespace}/${name} ====\n`
    const pods = { group: '', version: 'v1', resource: 'pods', namespaced: true }
    const path = resourcePath(pods, namespace, name, 'log')
    const log = await session.rest
      .send({ method: 'GET', path, query: { container: container.name } })
      .then(
        (answer) => answer.text(),
        (error: Error) => `Request log error: ${error.message}\n`,
      )
    text += `==== START ${what}${log}==== END ${what}`
  }
  return text
}
