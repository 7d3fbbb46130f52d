// Process start → /readyz ok over HTTPS, resident memory idle, startControlPlane() when warm, and what
// a kubectl-lite command takes. CPU is what holds on a busy machine: all threads, user and system.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startControlPlane } from 'miniplane'
import { report } from './lib/statistics.mjs'

const program = (path) => fileURLToPath(new URL(`../packages/${path}`, import.meta.url))
const miniplane = program('miniplane/bin/miniplane.cjs')
const kubectlLite = program('kubectl-lite/bin/kubectl-lite.cjs')
// The first start compiles; the others find what it left (docs/adr/0016-code-cache.md).
const caches = mkdtempSync(join(tmpdir(), 'bench-caches-'))
const env = { ...process.env, NODE_COMPILE_CACHE: caches }
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

/** Asks over one connection: a handshake every 2 ms would be a part of what is measured. */
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })

const isReady = (port) =>
  new Promise((resolve) => {
    https
      .get(
        { agent, port, host: '127.0.0.1', path: '/readyz', rejectUnauthorized: false },
        (response) => {
          response.resume()
          resolve(response.statusCode === 200)
        },
      )
      .on('error', () => resolve(false))
  })

const residentMiB = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

const cpuMs = (pid) =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
    .reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0)

async function oneProcess(whileUp = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const port = await freePort()
  const begin = performance.now()
  const child = spawn(
    process.execPath,
    [miniplane, 'up', '--secure-port', String(port), '--kubeconfig', kubeconfig],
    { stdio: 'ignore', env },
  )
  const closed = new Promise((resolve) => child.once('close', resolve))
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`the plane ended with ${child.exitCode}`)
    await sleep(2)
  }
  const ready = performance.now() - begin
  const cpu = hasProc ? cpuMs(child.pid) : Number.NaN
  await sleep(3000)
  const resident = hasProc ? residentMiB(child.pid) : Number.NaN
  whileUp(kubeconfig)
  child.kill('SIGTERM')
  await closed
  rmSync(folder, { recursive: true })
  return { ready, cpu, resident }
}

/** Wall and CPU of programs that end, each `rounds` times in turns. */
function commands(rows, rounds = 7) {
  const seen = rows.map(() => ({ wall: [], cpu: [] }))
  for (let i = 0; i <= rounds; i++) {
    rows.forEach(({ args, kubeconfig }, row) => {
      const before = childrenMs()
      const begin = performance.now()
      const { status, stderr } = spawnSync(process.execPath, args, {
        env: { ...env, KUBECONFIG: kubeconfig },
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
      // The first is for the cache.
      if (i === 0) return
      seen[row].wall.push(performance.now() - begin)
      seen[row].cpu.push(childrenMs() - before)
    })
  }
  rows.forEach(({ name }, row) => {
    report(name, seen[row].wall)
    if (hasProc) report(`${name}: CPU`, seen[row].cpu)
  })
}

const hasProc = existsSync('/proc/self/schedstat')
const TICK_MS = 10

/** What this process's ended children have used, in ticks of 10 ms. */
function childrenMs() {
  if (!hasProc) return Number.NaN
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS
}

const first = await oneProcess()
report('first process start, nothing compiled → /readyz ok', [first.ready])
report('first process start: CPU', [first.cpu])
const runs = []
for (let i = 0; i < 7; i++) runs.push(await oneProcess())
report(
  'process start → /readyz ok',
  runs.map(({ ready }) => ready),
  '≤ 250 ms',
)
report(
  'process start: CPU',
  runs.map(({ cpu }) => cpu),
)
report(
  'resident memory, idle after 3 s',
  runs.map(({ resident }) => resident),
  '≤ 90 MiB',
  'MiB',
)

const manifest = fileURLToPath(new URL('../examples/deployment.yaml', import.meta.url))
await oneProcess((kubeconfig) =>
  commands([
    { name: 'node -e 0', args: ['-e', '0'], kubeconfig },
    ...[
      ['version', '--client'],
      ['get', 'pods'],
      ['apply', '-f', manifest],
    ].map((words) => ({
      name: `kubectl-lite ${words.slice(0, 2).join(' ')}`,
      args: [kubectlLite, ...words],
      kubeconfig,
    })),
  ]),
)
rmSync(caches, { recursive: true })

const warm = []
for (let i = 0; i < 8; i++) {
  const begin = performance.now()
  const plane = await startControlPlane()
  warm.push(performance.now() - begin)
  await plane.close()
}
report('startControlPlane() in a warm process', warm.slice(1), '≤ 100 ms')
