import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** `npx vitest` alone also works in a fresh clone: the generated types and models come first. */
export function setup(): void {
  const script = fileURLToPath(new URL('../scripts/generate.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${script} failed with status ${status}`)
}
