import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededRandom } from '../simulation/seeded-random.js'
import { diskSuite } from './disk.suite.js'
import { openNodeDisk } from './node-disk.js'
import { SimulatedDisk } from './simulated-disk.js'

diskSuite("the machine's file system", async () => {
  const root = await mkdtemp(join(tmpdir(), 'disk-'))
  return {
    disk: openNodeDisk(root),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
})

diskSuite('simulated', async () => ({
  disk: new SimulatedDisk({ random: new SeededRandom(1) }),
  [Symbol.asyncDispose]: async () => undefined,
}))
