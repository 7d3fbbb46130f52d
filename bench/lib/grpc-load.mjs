// gRPC calls made by h2load, which costs less than the servers: the body of every call is one file,
// so that all write the same key.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A message as gRPC frames it: not compressed, its length, the message. */
export function framed(message) {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

const quantile = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)]

/**
 * `calls` calls by so many clients, each on its own connection, one at a time. Answers calls a
 * second, µs of latency, and µs of CPU of all `members` a call.
 */
export async function load({ members, path, message, clients, calls }) {
  const [{ folder, url }] = members
  const [body, log] = [join(folder, 'body'), join(folder, 'calls.log')]
  writeFileSync(body, framed(message))
  rmSync(log, { force: true })
  const cpuBefore = cpuOf(members)
  const text = await run([
    ...['-c', String(clients), '-m', '1', '-n', String(calls), '-d', body, '--log-file', log],
    ...['-H', 'content-type: application/grpc', '-H', 'te: trailers'],
    `${url}/${path}`,
  ])
  const cpu = cpuOf(members) - cpuBefore
  const succeeded = Number(/status codes: (\d+) 2xx/.exec(text)?.[1] ?? 0)
  if (succeeded !== calls) throw new Error(`only ${succeeded} of ${calls} succeeded\n${text}`)
  // A line a call: when it began, its status, how long it took in µs.
  const latencies = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split('\t')[2]))
    .sort((a, b) => a - b)
  return {
    rate: Number(/([\d.]+) req\/s/.exec(text)[1]),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpu: (cpu * 1000) / calls,
  }
}

const cpuOf = (members) => members.reduce((sum, member) => sum + member.cpuMs(), 0)

async function run(args) {
  const child = spawn('h2load', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await new Promise((resolve) => child.once('close', resolve))
  return text
}
