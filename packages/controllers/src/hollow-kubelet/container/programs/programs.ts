import type { Program } from '../process.js'
import { systemPrograms } from './system.js'
import { textPrograms } from './text.js'

/** Everything that can be executed in a hollow container. */
export const programs: ReadonlyMap<string, Program> = new Map(
  Object.entries({ ...textPrograms, ...systemPrograms }),
)
