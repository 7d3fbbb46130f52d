import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgesRequired, run } from '../support/judges.js'
import { readTap } from './tap.js'

/** Programs in other people's languages, each with its language's usual client. */
const LANGUAGES = ['go', 'node', 'python', 'rust', 'java']
/** Those that have to be there when judges are required; the others judge where they were built. */
const REQUIRED = new Set(['go', 'node'])

const programOf = (language: string) =>
  fileURLToPath(new URL(`bin/judge-${language}`, import.meta.url))
const isBuilt = (language: string) => existsSync(programOf(language))

it.runIf(judgesRequired).each([...REQUIRED])('the judge in %s is built', (language) => {
  expect(isBuilt(language), 'test/clients/build.sh builds it').toBe(true)
})

describe.skipIf(!LANGUAGES.some(isBuilt))('clients of other languages', () => {
  let plane: ControlPlane
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clients-'))
    plane = await startControlPlane({ kubeconfigPath: join(folder, 'kubeconfig') })
  })
  afterAll(async () => {
    await plane.close()
    rmSync(folder, { recursive: true })
  })

  it.each(LANGUAGES.filter(isBuilt))(
    '%s: every check holds',
    async (language) => {
      const env = { KUBECONFIG: join(folder, 'kubeconfig') }
      const { exit, stdout, stderr } = await run(programOf(language), [], {
        env,
        timeoutMs: 110_000,
      })
      const { planned, passed, failures } = readTap(stdout)
      expect(failures, stderr).toEqual([])
      expect(planned, stderr).toBeGreaterThan(5)
      expect({ passed, exit }).toEqual({ passed: planned, exit: 0 })
    },
    120_000,
  )
})
