import type { Clock } from '../../clock.js'
import type { Disk } from '../../disk/disk.js'
import type { DiskMetrics } from '../../metrics/metrics.js'
import { wrapDisk } from './wrapped-disk.js'

/** Measures how long the log waits for the disk, and how much it writes. */
export const measured = (disk: Disk, metrics: DiskMetrics, clock: Clock): Disk =>
  wrapDisk(disk, (file) => {
    if (!file.path.endsWith('.wal')) return {}
    const timed = async (write: Promise<void>): Promise<void> => {
      const begunMs = clock.now()
      await write
      metrics.walFsyncSeconds.observe((clock.now() - begunMs) / 1000)
    }
    return {
      sync: () => timed(file.sync()),
      writeSync(position, chunks) {
        let bytes = 0
        for (const chunk of chunks) bytes += chunk.length
        metrics.walWriteBytes.add(bytes)
        return timed(file.writeSync(position, chunks))
      },
    }
  })
