import type { Given } from './config/flags.js'
import { settle } from './config/read-config.js'
import { type Etcd, openEtcd } from './etcd.js'
import { openLog } from './log/json-log.js'
import { systemClock } from './system-clock.js'
import { systemRandom } from './system-random.js'

export type { Etcd } from './etcd.js'

/** The program's settings by the names of its flags; durations in milliseconds. */
export type EtcdConfig = Given

/**
 * Starts a member in this process, as the program `etcd` would; resolves when it serves clients. A
 * URL with port 0 gets a free one. Rejects with a `ConfigError`, or with what is in the way.
 */
export async function startEtcd(config: EtcdConfig): Promise<Etcd> {
  const { settings } = settle(config)
  const log = openLog({
    clock: systemClock,
    level: settings['log-level'],
    outputs: settings['log-outputs'],
    format: settings['log-format'],
  })
  const etcd = await openEtcd(settings, {
    clock: systemClock,
    random: systemRandom,
    log,
    onClosed: () => log.close(),
  })
  await etcd.ready
  return etcd
}
