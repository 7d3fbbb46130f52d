import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ApiClient } from './api-client.mjs'
import { cpuMsOf, residentMiBOf } from './process-figures.mjs'

const PROGRAM = fileURLToPath(new URL('./api-server.mjs', import.meta.url))

/** Our API server in a process of its own. With `profile`, that folder gets a CPU profile of it. */
export class ApiProcess extends ApiClient {
  name = 'ours'
  #child

  static async start({ profile } = {}) {
    const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
    const process_ = new ApiProcess()
    process_.#child = spawn(process.execPath, [...flags, PROGRAM], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [line] = await once(process_.#child.stdout, 'data')
    Object.assign(process_, JSON.parse(String(line)))
    return process_
  }

  /** User and system time so far, with the store: it is the same process. */
  cpuMs() {
    return cpuMsOf(this.#child.pid)
  }

  residentMiB() {
    return residentMiBOf(this.#child.pid)
  }

  async stop() {
    this.#child.stdin.end()
    await once(this.#child, 'close')
  }
}
