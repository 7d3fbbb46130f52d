#!/usr/bin/env node
import { writeSync } from 'node:fs'
import { MessageChannel } from 'node:worker_threads'
import { systemClock, systemRandom } from '@miniplane/api'
import { httpsTransport } from '@miniplane/client'
import { run } from './run.js'

/** Writes to a descriptor until all is written; a reader that went away ends the program. */
function writeAll(descriptor: number, text: string): void {
  let rest: Uint8Array = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(141)
      if (code !== 'EAGAIN') throw error
    }
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

// The clock's timers don't keep the process alive, and a command may wait for nothing but time.
new MessageChannel().port1.on('message', () => {})

const interrupt = new AbortController()
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

// Nothing is awaited at the top of a program: its bundle is a script.
void run(process.argv.slice(2), {
  out: {
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    isTTY: process.stdout.isTTY ?? false,
  },
  clock: systemClock,
  random: systemRandom(),
  variables: process.env,
  folder: process.cwd(),
  readStdin,
  stdin: () => process.stdin,
  // Looked at only when somebody asks: standard input costs time to open.
  setRawMode(isRaw) {
    if (process.stdin.isTTY) process.stdin.setRawMode(isRaw)
  },
  connect: (config) => httpsTransport(config),
  signal: interrupt.signal,
}).then((code) => process.exit(code))
