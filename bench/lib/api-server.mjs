// The program that bench/api.mjs measures: an API server alone, as envtest has it, in memory. Says
// where it listens as a line of JSON; ends with its standard input.
import { writeSync } from 'node:fs'
import { startControlPlane } from 'miniplane'

const token = 'bench'
const plane = await startControlPlane({
  controllers: false,
  users: [{ token, name: 'bench', groups: ['system:masters'] }],
})
writeSync(1, `${JSON.stringify({ server: plane.server, token })}\n`)
process.stdin.resume().once('end', async () => {
  await plane.close()
  process.exit()
})
