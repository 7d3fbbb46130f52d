#!/usr/bin/env node
import { serverCommand } from './flags.js'
import { runServer } from './run.js'

const command = serverCommand().action(async () => {
  process.exitCode = await runServer(command)
})
// Nothing is awaited at the top of a program: its bundle is a script.
command.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
})
