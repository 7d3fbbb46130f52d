// Records the scenarios from the real API server, controllers and scheduler, for the tests that
// compare ours: npx tsx test/clients/kube-components/record.ts [SCENARIO ...]
// Needs `test/clients/build.sh etcd kube-apiserver components` and `npm run build`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scenarios } from './play.js'
import { startRealServer } from './programs.js'
import { record } from './recordings.js'
import { forEachAtOnce, withComponents } from './run.js'

const named = process.argv.slice(2)
const wanted = named.length > 0 ? named : Object.keys(scenarios)
const folder = mkdtempSync(join(tmpdir(), 'components-'))
const real = await startRealServer(folder)
try {
  await withComponents(real.server, folder, (playOne) =>
    forEachAtOnce(wanted, async (scenario) => {
      record(scenario, await playOne(scenario))
      process.stdout.write(`${scenario}\n`)
    }),
  )
} finally {
  await real[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
}
process.exit()
