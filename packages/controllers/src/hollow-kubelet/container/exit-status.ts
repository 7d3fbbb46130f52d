import { internalError, type Status } from '@miniplane/api'

export const SUCCESS: Status = { metadata: {}, status: 'Success' }

/** What a client's error stream is told of a process that ended. */
export function exitStatus(command: readonly string[], exitCode: number): Status {
  if (exitCode === 0) return SUCCESS
  const text = `error executing command [${command.join(' ')}], exit code ${exitCode}`
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${text}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  }
}

/** What it is told of a command that could not be started: the runtime's words. */
export function startFailure(id: string, problem: string): Status {
  const text = `OCI runtime exec failed: exec failed: unable to start container process: ${problem}: unknown`
  const failure = `failed to exec in container: failed to start exec "${id}": ${text}`
  return internalError(new Error(`error executing command in container: ${failure}`)).status
}
