import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./api-server.mjs', import.meta.url))
const MS_PER_CLOCK_TICK = 10

/** An API server in a process of its own. With `profile`, that folder gets a CPU profile of it. */
export class ApiProcess {
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

  /** User and system time so far. */
  cpuMs() {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_CLOCK_TICK
  }

  residentMiB() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024
  }

  /** A request of the benchmark's own; answers status and text. */
  async ask(method, path, body) {
    const request = this.open(method, path, body)
    const [response] = await once(request, 'response')
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return { status: response.statusCode, text }
  }

  /** Throws unless it is answered 2xx. */
  async create(path, object) {
    const { status, text } = await this.ask('POST', path, JSON.stringify(object))
    if (status >= 300) throw new Error(`POST ${path}: ${text}`)
  }

  open(method, path, body) {
    const request = https.request(this.server + path, {
      method,
      agent: false,
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
    })
    request.end(body)
    return request
  }

  async watchCount() {
    const { text } = await this.ask('GET', '/metrics')
    return Number(/^apiserver_longrunning_requests\S* (\d+)/m.exec(text)?.[1] ?? 0)
  }

  async speaksHttp2() {
    const { hostname, port } = new URL(this.server)
    const socket = connect({
      ...{ host: hostname, port: Number(port), rejectUnauthorized: false },
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    await once(socket, 'secureConnect')
    socket.destroy()
    return socket.alpnProtocol === 'h2'
  }

  async stop() {
    this.#child.stdin.end()
    await once(this.#child, 'close')
  }
}
