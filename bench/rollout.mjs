// POST of a Deployment → all replicas Ready, as a watch of Pods over HTTPS sees it. The plane is a
// process of its own, as a user would have it.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  Client,
  connectionFrom,
  httpsTransport,
  loadKubeconfig,
  resources,
} from '@miniplane/client'
import { report } from './lib/statistics.mjs'

const main = fileURLToPath(new URL('../packages/miniplane/bin/miniplane.cjs', import.meta.url))

async function withPlane(nodes, work) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const child = spawn(
    process.execPath,
    [main, 'up', '--nodes', String(nodes), '--kubeconfig', kubeconfig],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise((resolve) => child.stdout.once('data', resolve))
  await new Promise((resolve) => setTimeout(resolve, 500))
  const transport = httpsTransport(connectionFrom(loadKubeconfig(kubeconfig, {})))
  try {
    return await work(new Client(transport))
  } finally {
    transport.close()
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))
    rmSync(folder, { recursive: true })
  }
}

const isReady = (pod) =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')

async function rollOut(client, name, replicas) {
  const ready = new Set()
  let allReady
  const done = new Promise((resolve) => {
    allReady = resolve
  })
  const stop = await client.of(resources.pods).watch(
    { namespace: 'default', labelSelector: `app=${name}` },
    {
      onEvents(events) {
        for (const { object } of events) if (isReady(object)) ready.add(object.metadata.name)
        if (ready.size === replicas) allReady()
      },
      onEnd() {},
    },
  )
  const begin = performance.now()
  await client.of(resources.deployments).create({
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'nginx' }] },
      },
    },
  })
  await done
  const took = performance.now() - begin
  stop()
  await client.of(resources.deployments).delete(name, { namespace: 'default' })
  await new Promise((resolve) => setTimeout(resolve, 800 + replicas * 2))
  return took
}

const sizes = [
  [3, 2, 7, '≤ 40 ms'],
  [30, 2, 5, '≤ 120 ms'],
  [100, 2, 5, '≤ 300 ms'],
  [1000, 20, 3, '≤ 3000 ms'],
]
for (const [replicas, nodes, runs, bar] of sizes) {
  const cold = []
  const warm = []
  await withPlane(nodes, async (client) => {
    for (let run = 0; run < runs; run++) {
      const took = await rollOut(client, `bench-${run}`, replicas)
      if (run === 0) cold.push(took)
      else warm.push(took)
    }
  })
  report(`${replicas} replicas on ${nodes} nodes, first in the process`, cold, bar)
  report(`${replicas} replicas on ${nodes} nodes, after that`, warm, bar)
}
