/**
 * Resolves at the first SIGINT or SIGTERM with its name. A second one ends the process at once,
 * for whoever does not want to wait for a clean stop.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let seen = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (seen) process.exit(128 + (signal === 'SIGINT' ? 2 : 15))
      seen = true
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
