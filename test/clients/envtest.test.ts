import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { bundlePrograms } from '../support/bundle-programs.js'
import { judgesRequired, run } from '../support/judges.js'

// An operator and its author's test, built by build.sh: controller-runtime's envtest starts our
// programs instead of the real ones, by their names and with its flags.
const judge = fileURLToPath(new URL('bin/envtest', import.meta.url))

it.runIf(judgesRequired)('the operator that is tested with envtest is built', () => {
  expect(existsSync(judge), 'test/clients/build.sh builds it').toBe(true)
})

it.skipIf(!existsSync(judge))(
  "an operator's test passes under envtest with our etcd and kube-apiserver",
  async () => {
    const folder = await bundlePrograms('etcd', 'kube-apiserver')
    for (const name of ['etcd', 'kube-apiserver']) {
      const program = join(folder, name)
      writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${program}.js' "$@"\n`)
      chmodSync(program, 0o755)
    }
    const env = { KUBEBUILDER_ASSETS: folder, KUBEBUILDER_ATTACH_CONTROL_PLANE_OUTPUT: 'true' }
    const { exit, stdout, stderr } = await run(judge, ['-test.v'], { env, timeoutMs: 90_000 })
    expect(stdout, stderr).toMatch(/^PASS$/m)
    expect(stdout.match(/^ +--- PASS/gm)).toHaveLength(4)
    expect(exit).toBe(0)
  },
  100_000,
)
