import { once } from 'node:events'
import https from 'node:https'
import { connect } from 'node:tls'

/** What a benchmark asks of an API server, whoever runs it: `server` is its address. */
export class ApiClient {
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
    const gauges = text.matchAll(/^apiserver_longrunning_requests\S* (\d+)/gm)
    return [...gauges].reduce((sum, [, count]) => sum + Number(count), 0)
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
}
