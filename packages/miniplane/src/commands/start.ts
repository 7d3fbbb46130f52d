import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep, systemClock } from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { ControlPlane } from '../control-plane.js'
import { describeWrite, isPartOfFlow } from '../flow/print-flow.js'
import { packageFolder } from '../package-folder.js'
import type { Output } from './output.js'
import { explainStartError, type PlaneFlags, type RunningPlane, startPlane } from './plane-flags.js'
import { untilSignal } from './until-signal.js'

export interface StartFlags extends PlaneFlags {
  /** The manifest to apply; it must hold the Deployment `web`'s like. */
  readonly file?: string
  readonly exit?: boolean
}

const FLOW_TIMEOUT_MS = 30_000
/** The last writes of a flow (Endpoints, status) trail the last Pod by a moment. */
const TAIL_MS = 50

/**
 * `miniplane start`: the whole flow on show. Starts a plane, applies a manifest with kubectl-lite,
 * prints every write as it happens until all replicas run, then stays up. Returns the exit code.
 */
export async function start(flags: StartFlags, out: Output): Promise<number> {
  const stopped = untilSignal()
  const manifest =
    flags.file ?? fileURLToPath(new URL('../../examples/deployment.yaml', packageFolder))
  if (!existsSync(manifest)) {
    out.error(`${manifest} does not exist: name a manifest with --file`)
    return 1
  }
  const beginMs = systemClock.monotonic()
  const running = await startPlane(flags).catch((error: unknown) => {
    const explanation = explainStartError(error, flags)
    if (explanation === undefined) throw error
    out.error(explanation)
    return undefined
  })
  if (running === undefined) return 1
  try {
    const { plane } = running
    const tookMs = Math.round(systemClock.monotonic() - beginMs)
    out.line(`the control plane is ready after ${tookMs} ms: ${plane.server}`)
    const code = await showFlow(running, manifest, out)
    if (code !== 0 || flags.exit) return code
    sayWhatNext(running, out)
    await stopped
    return 0
  } finally {
    await running.close()
  }
}

async function showFlow(running: RunningPlane, manifest: string, out: Output): Promise<number> {
  const { plane, kubeconfigPath } = running
  const { paint } = out
  await nodesReady(plane)
  out.line('')
  out.line(paint.bold(`$ kubectl-lite apply -f ${manifest}`))
  const startMs = systemClock.now()
  const unsubscribe = plane.apiServer.causes.subscribe((record) => {
    if (isPartOfFlow(record))
      for (const line of describeWrite(record, startMs, paint)) out.line(line)
  })
  try {
    const applied = await kubectlLite(['apply', '-f', manifest], kubeconfigPath, out)
    if (applied !== 0) return applied
    if (!(await allAvailable(plane))) {
      out.error(`not every replica was available after ${FLOW_TIMEOUT_MS / 1000} s`)
      return 1
    }
    await sleep(systemClock, TAIL_MS)
  } finally {
    unsubscribe()
  }
  out.line('')
  out.line(paint.bold('$ kubectl-lite get deployments,pods -o wide'))
  return kubectlLite(['get', 'deployments,pods', '-o', 'wide'], kubeconfigPath, out)
}

function sayWhatNext({ kubeconfigPath }: RunningPlane, out: Output): void {
  const say = [
    '',
    out.paint.bold('The plane stays up. In another terminal:'),
    '',
    `  export KUBECONFIG=${kubeconfigPath}`,
    '  kubectl get pods -w                                 # or npx kubectl-lite, which is the same',
    '  kubectl scale deployment/web --replicas=5',
    '  kubectl set image deployment/web nginx=nginx:1.28',
    '  kubectl rollout status deployment/web',
    '  npx kubectl-lite trace deployment/web               # every write and why it was made',
    '  kubectl apply -f examples/failing-rollout.yaml',
    '',
    'stop it with Ctrl-C',
  ]
  for (const line of say) out.line(line)
}

/** Runs the real program, as a person would, and passes on what it prints. */
function kubectlLite(args: string[], kubeconfig: string, out: Output): Promise<number> {
  const entry = createRequire(import.meta.url).resolve('@miniplane/kubectl-lite')
  const main = join(dirname(entry), '../bin/kubectl-lite.cjs')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) out.line(line)
    })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

/** Every node is Ready, so that the first Pod need not wait for one. */
async function nodesReady(plane: ControlPlane): Promise<void> {
  await until(plane, async () => {
    const { items } = await plane.client.of(resources.nodes).list()
    return items.every((node) =>
      node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    )
  })
}

/** Every Deployment has what it asked for. */
function allAvailable(plane: ControlPlane): Promise<boolean> {
  return until(plane, async () => {
    const { items } = await plane.client.of(resources.deployments).list()
    return items.every(
      ({ spec, status }) => (status?.availableReplicas ?? 0) >= (spec.replicas ?? 1),
    )
  })
}

/** Looks again after every write until the claim holds; false when it took too long. */
async function until(plane: ControlPlane, holds: () => Promise<boolean>): Promise<boolean> {
  const deadlineMs = systemClock.monotonic() + FLOW_TIMEOUT_MS
  for (;;) {
    if (await holds()) return true
    if (systemClock.monotonic() > deadlineMs) return false
    await nextWrite(plane, 250)
  }
}

/** Resolves at the next write, or after `patienceMs` when nothing happens. */
function nextWrite(plane: ControlPlane, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribe()
      timer.cancel()
      resolve()
    }
    const unsubscribe = plane.apiServer.causes.subscribe(done)
    const timer = systemClock.setTimer(patienceMs, done)
  })
}
