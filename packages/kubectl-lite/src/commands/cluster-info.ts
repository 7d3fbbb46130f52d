import type { KubeList } from '@miniplane/api'
import pc from 'picocolors'
import { defineCommand } from '../cli/command.js'

export const clusterInfo = defineCommand({
  usage: 'cluster-info [flags] [options]',
  summary: 'Display cluster information',
  flags: {},
  subcommands: [
    {
      name: 'dump',
      summary: 'Dump relevant information for debugging and diagnosis',
      load: async () => (await import('./cluster-info/dump.js')).dump,
    },
  ],
  async run(session) {
    const colors = pc.createColors(session.out.isTTY)
    const list = (await session.rest.object({
      method: 'GET',
      path: '/api/v1/namespaces/kube-system/services',
      query: { labelSelector: 'kubernetes.io/cluster-service=true' },
    })) as unknown as KubeList
    const { server } = session.connection()
    const entry = (name: string, link: string) =>
      session.line(`${colors.green(name)} is running at ${colors.yellow(link)}`)
    entry('Kubernetes control plane', server)
    for (const { metadata } of list.items) {
      const name = metadata.labels?.['kubernetes.io/name'] ?? metadata.name ?? ''
      entry(name, `${server}/api/v1/namespaces/kube-system/services/${metadata.name}/proxy`)
    }
    session.line(
      "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
    )
  },
})
