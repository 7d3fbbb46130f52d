import { dispatch } from './cli/dispatch.js'
import { rootCommand } from './commands/root.js'
import { checkError } from './errors/check-error.js'
import type { Environment } from './session/environment.js'
import { Session } from './session/session.js'

/**
 * Runs one command line (without the program's name) and resolves with its exit code. Prints
 * through `environment.out`; never rejects and never ends the process.
 */
export async function run(words: readonly string[], environment: Environment): Promise<number> {
  const session = new Session(environment)
  try {
    const code = await dispatch(session, rootCommand, words)
    session.refuseWarnings()
    return code
  } catch (error) {
    const failure = checkError(error, session.server)
    if (failure.output) environment.out.stdout(failure.output)
    if (failure.message !== '') environment.out.stderr(failure.message)
    return failure.code === 1 ? session.failureCode : failure.code
  } finally {
    session.close()
  }
}
