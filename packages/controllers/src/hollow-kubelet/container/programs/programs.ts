import type { Program } from '../process.js'
import { sh } from '../shell/sh.js'
import { expr } from './expr.js'
import { filePrograms } from './files.js'
import { linePrograms } from './lines.js'
import { systemPrograms } from './system.js'
import { tar } from './tar.js'
import { test } from './test-expression.js'
import { textPrograms } from './text.js'

/** Everything that can be executed in a hollow container. */
export const programs: ReadonlyMap<string, Program> = new Map(
  Object.entries({
    ...textPrograms,
    ...linePrograms,
    ...filePrograms,
    ...systemPrograms,
    sh,
    tar,
    expr,
    ash: sh,
    bash: sh,
    test,
    '[': test,
    '[[': test,
  }),
)
