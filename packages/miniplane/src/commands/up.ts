import type { Output } from './output.js'
import { explainStartError, type PlaneFlags, startPlane } from './plane-flags.js'
import { untilSignal } from './until-signal.js'

/** `miniplane up`: runs a plane until it is told to stop. Returns the exit code. */
export async function up(flags: PlaneFlags, out: Output): Promise<number> {
  const stopped = untilSignal()
  const running = await startPlane(flags).catch((error: unknown) => {
    const explanation = explainStartError(error, flags)
    if (explanation === undefined) throw error
    out.error(explanation)
    return undefined
  })
  if (running === undefined) return 1
  out.line(`miniplane is up: ${running.plane.server} with ${flags.nodes} nodes`)
  out.line('')
  out.line(`  export KUBECONFIG=${running.kubeconfigPath}`)
  out.line('  kubectl get nodes')
  out.line('')
  out.line('stop it with Ctrl-C')
  await stopped
  await running.close()
  return 0
}
