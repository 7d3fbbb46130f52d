// Requests made by h2load, which costs less than the server.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function requireH2load() {
  if (!spawnSync('h2load', ['--version']).error) return
  console.error('h2load is missing: install nghttp2-client (Debian) and run this again')
  process.exit(1)
}

function start(server, { protocol, path, clients, requests, bodyFile }) {
  const args = [
    ...(protocol === 'h1' ? ['--h1'] : ['-m', '1', '-w', '20', '-W', '24']),
    ...['-c', String(clients), '-n', String(requests)],
    ...['-H', `authorization: Bearer ${server.token}`, '-H', 'content-type: application/json'],
    ...(bodyFile ? ['-d', bodyFile] : []),
    server.server + path,
  ]
  const child = spawn('h2load', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  return { done: once(child, 'close').then(() => text), stop: () => child.kill('SIGKILL') }
}

/** The same request again and again. Answers requests a second and µs of the server's CPU each. */
export async function load(server, { body, ...options }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const bodyFile = body && join(folder, 'body.json')
  if (bodyFile) writeFileSync(bodyFile, JSON.stringify(body))
  try {
    const cpuBefore = server.cpuMs()
    const text = await start(server, { ...options, bodyFile }).done
    const cpu = ((server.cpuMs() - cpuBefore) * 1000) / options.requests
    const succeeded = Number(/status codes: (\d+) 2xx/.exec(text)?.[1] ?? 0)
    if (succeeded !== options.requests)
      throw new Error(`only ${succeeded} of ${options.requests} succeeded\n${text}`)
    return { rate: Number(/([\d.]+) req\/s/.exec(text)[1]), cpu }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Watches that last `seconds`. `done` resolves with the bytes of events that they got together. */
export function watches(server, { protocol, path, count, seconds }) {
  const { done, stop } = start(server, {
    ...{ protocol, clients: count, requests: count },
    path: `${path}?watch=1&timeoutSeconds=${seconds}`,
  })
  const bytes = done.then((text) => Number(/\((\d+)\) data/.exec(text)?.[1] ?? 0))
  return { bytes, stop }
}
