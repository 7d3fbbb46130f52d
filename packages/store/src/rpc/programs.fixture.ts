import { spawn } from 'node:child_process'
import { systemClock } from '../server/system-clock.js'

export { programPath } from '../judges/real-etcd.fixture.js'

/** What a program did. */
export interface Transcript {
  readonly exit: number | null
  /** What it printed, then what it complained of. */
  readonly output: string
}

export interface CtlOptions {
  readonly stdin?: string
  /** Nothing more is said, but more could be. */
  readonly keepsStdinOpen?: boolean
  /** Killed after so long, which some commands must be to end. */
  readonly forMs?: number
}

/** Runs etcdctl on an address. */
export function etcdctl(
  address: string,
  args: readonly string[],
  { stdin = '', keepsStdinOpen = false, forMs = 10_000 }: CtlOptions = {},
): Promise<Transcript> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: address }
    const child = spawn('etcdctl', args, { env })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const timer = systemClock.setTimer(forMs, () => child.kill('SIGTERM'))
    child.once('error', reject)
    child.once('close', (exit) => {
      timer.cancel()
      resolve({ exit, output: stdout + stderr })
    })
    // Some commands end without having read it, and don't need to.
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdin.write(stdin)
    if (!keepsStdinOpen) child.stdin.end()
  })
}
