// ConfigMap creates over HTTPS from 64 connections; the load comes from h2load, which costs less
// than the server. CPU a request is the server's own user and system time.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectionFrom, loadKubeconfig } from '@miniplane/client'
import { report } from './lib/statistics.mjs'

const main = fileURLToPath(new URL('../packages/miniplane/bin/miniplane.mjs', import.meta.url))
const REQUESTS = 20_000
const CLOCK_TICKS = 100

if (spawnSync('h2load', ['--version']).error) {
  console.error('h2load is missing: install nghttp2-client (Debian) and run this again')
  process.exit(1)
}

const cpuMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const kubeconfig = join(folder, 'kubeconfig')
const plane = spawn(process.execPath, [main, 'up', '--kubeconfig', kubeconfig], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
await new Promise((resolve) => plane.stdout.once('data', resolve))
const { server, token } = connectionFrom(loadKubeconfig(kubeconfig, {}))
const body = join(folder, 'body.json')
writeFileSync(
  body,
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { generateName: 'bench-' },
    data: { key: 'value' },
  }),
)

const rates = []
const cpu = []
for (let run = 0; run < 4; run++) {
  const before = cpuMs(plane.pid)
  const load = spawn(
    'h2load',
    [
      '--h1',
      ...['-c', '64', '-n', String(REQUESTS), '-d', body],
      ...['-H', `authorization: Bearer ${token}`, '-H', 'content-type: application/json'],
      `${server}/api/v1/namespaces/default/configmaps`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let text = ''
  load.stdout.on('data', (chunk) => {
    text += chunk
  })
  await new Promise((resolve) => load.once('close', resolve))
  const succeeded = Number(/status codes: (\d+) 2xx/.exec(text)?.[1] ?? 0)
  if (succeeded !== REQUESTS) console.log(`only ${succeeded} of ${REQUESTS} succeeded\n${text}`)
  if (run === 0) continue // the compiler warms up
  rates.push(Number(/([\d.]+) req\/s/.exec(text)?.[1] ?? 0))
  cpu.push(((cpuMs(plane.pid) - before) * 1000) / REQUESTS)
}
report('ConfigMap creates, 64 connections', rates, '≥ 4000/s', '/s')
report('server CPU a create', cpu, '(none yet)', 'µs')
plane.kill('SIGTERM')
await new Promise((resolve) => plane.once('close', resolve))
rmSync(folder, { recursive: true })
