#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { printCompletion } from './commands/completion.js'
import { processOutput } from './commands/output.js'
import { type PlaneFlags, withPlaneFlags } from './commands/plane-flags.js'
import { type StartFlags, start } from './commands/start.js'
import { up } from './commands/up.js'
import { packageFolder } from './package-folder.js'

const out = processOutput()
const { version } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8'))

const program = new Command('miniplane')
  .description('A Kubernetes control plane in one process')
  .version(version, '--version', 'print the version')
  .showHelpAfterError('(run with --help for what there is)')

withPlaneFlags(program.command('up'))
  .description('run the API server, the controllers, the scheduler and hollow nodes')
  .action(async (flags: PlaneFlags) => {
    process.exitCode = await up(flags, out)
  })

withPlaneFlags(program.command('start'))
  .description('the same, and show how a Deployment becomes running Pods')
  .option('--file <manifest>', 'what to apply (default: examples/deployment.yaml)')
  .option('--exit', 'stop after the flow')
  .action(async (flags: StartFlags) => {
    process.exitCode = await start(flags, out)
  })

program
  .command('completion')
  .description('print the completion script of a shell')
  .argument('<shell>', 'bash, zsh or fish')
  .action((shell: string) => {
    process.exitCode = printCompletion(program, shell, out)
  })

// Nothing is awaited at the top of a program: its bundle is a script.
program.parseAsync().catch((error: unknown) => {
  out.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
