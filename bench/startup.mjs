// Process start → /readyz ok over HTTPS, resident memory idle, and startControlPlane() when warm.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startControlPlane } from 'miniplane'
import { report } from './lib/statistics.mjs'

const main = fileURLToPath(new URL('../packages/miniplane/bin/miniplane.cjs', import.meta.url))
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const isReady = (port) =>
  new Promise((resolve) => {
    https
      .get({ port, host: '127.0.0.1', path: '/readyz', rejectUnauthorized: false }, (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      .on('error', () => resolve(false))
  })

const residentMiB = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

async function oneProcess() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const port = await freePort()
  const begin = performance.now()
  const child = spawn(
    process.execPath,
    [main, 'up', '--secure-port', String(port), '--kubeconfig', join(folder, 'kubeconfig')],
    { stdio: 'ignore' },
  )
  while (!(await isReady(port))) await sleep(2)
  const ready = performance.now() - begin
  await sleep(3000)
  const resident = existsSync('/proc/self/status') ? residentMiB(child.pid) : Number.NaN
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('close', resolve))
  rmSync(folder, { recursive: true })
  return { ready, resident }
}

const runs = []
for (let i = 0; i < 7; i++) runs.push(await oneProcess())
report(
  'process start → /readyz ok',
  runs.map(({ ready }) => ready),
  '≤ 250 ms',
)
report(
  'resident memory, idle after 3 s',
  runs.map(({ resident }) => resident),
  '≤ 90 MiB',
  'MiB',
)

const warm = []
for (let i = 0; i < 8; i++) {
  const begin = performance.now()
  const plane = await startControlPlane()
  warm.push(performance.now() - begin)
  await plane.close()
}
report('startControlPlane() in a warm process', warm.slice(1), '≤ 100 ms')
