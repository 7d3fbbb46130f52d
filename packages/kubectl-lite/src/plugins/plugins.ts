import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { openFault } from '../errors/file-fault.js'
import type { Session } from '../session/session.js'

const PREFIX = 'kubectl-'

const foldersOf = ({ environment }: Session): string[] => [
  ...new Set((environment.variables.PATH ?? '').split(delimiter).filter((one) => one !== '')),
]

export const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return false
  }
}

/** Programs on PATH whose names make them subcommands; folders that can't be read are told of. */
export function findPlugins(session: Session): string[] {
  return foldersOf(session).flatMap((folder) => {
    try {
      const names = readdirSync(folder, { withFileTypes: true })
      return names
        .filter((entry) => !entry.isDirectory() && entry.name.startsWith(PREFIX))
        .map((entry) => join(folder, entry.name))
        .sort()
    } catch (error) {
      const reason = openFault(folder, error)
      session.out.stderr(
        `Unable to read directory "${folder}" from your PATH: ${reason}. Skipping...\n`,
      )
      return []
    }
  })
}

/**
 * Runs the plugin whose name has most of the words (`kubectl-foo-bar` for `foo bar`), the other
 * words its arguments. Resolves with its exit code; undefined when there is none.
 */
export function runPlugin(session: Session, words: readonly string[]): number | undefined {
  const firstFlag = words.findIndex((word) => word.startsWith('-'))
  const named = firstFlag < 0 ? words : words.slice(0, firstFlag)
  for (let count = named.length; count > 0; count--) {
    const name =
      PREFIX +
      named
        .slice(0, count)
        .map((word) => word.replaceAll('-', '_'))
        .join('-')
    const path = foldersOf(session)
      .map((folder) => join(folder, name))
      .find((one) => existsSync(one) && isExecutable(one))
    if (path === undefined) continue
    const { status } = spawnSync(path, words.slice(count), { stdio: 'inherit' })
    return status ?? 1
  }
  return undefined
}
