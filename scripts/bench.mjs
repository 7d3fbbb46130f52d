// npm run bench [-- NAME ...] [--flags]: each bench/NAME.mjs in a process of its own, one after
// another, so that none measures what another left behind.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, root, runNode } from './workspace.mjs'

const ENDING = '.mjs'
const given = process.argv.slice(2)
const flags = given.filter((argument) => argument.startsWith('-'))
const names = given.filter((argument) => !argument.startsWith('-'))
const folder = join(root, 'bench')
const all = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith(ENDING))
      .map((file) => file.slice(0, -ENDING.length))
  : []
const unknown = names.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark named ${unknown.join(', ')}; there are: ${all.join(', ')}`)
  process.exit(2)
}
await prepare()
let failed = 0
for (const name of names.length > 0 ? names : all)
  failed += runNode([`bench/${name}${ENDING}`, ...flags]) === 0 ? 0 : 1
process.exit(failed > 0 ? 1 : 0)
