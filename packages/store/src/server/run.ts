import type { Log } from '../log.js'
import { CLUSTER_VERSION } from '../node/cluster-version.js'
import { ConfigError } from './config/config-error.js'
import { type CommandLine, FlagError, parseFlags } from './config/flags.js'
import type { Settings } from './config/options/options.js'
import { type Config, readConfig } from './config/read-config.js'
import { type Etcd, openEtcd } from './etcd.js'
import { openLog, type ProgramLog } from './log/json-log.js'
import { systemClock } from './system-clock.js'
import { systemRandom } from './system-random.js'
import { untilSignal } from './until-signal.js'

type Variables = Readonly<Record<string, string | undefined>>

/** The program: answers its exit code when it has ended. */
export async function runEtcd(args: readonly string[], variables: Variables): Promise<number> {
  if (args[0] === 'completion') return printCompletion(args[1] ?? '')
  const line = await readLine(args)
  if (line === undefined) return 2
  if (line.asked === 'help') return printHelp()
  if (line.asked === 'version') return printVersion()
  const config = await readConfig(line, variables).catch(configProblem)
  if (config === undefined) return 1
  const log = openProgramLog(config.settings)
  if (log === undefined) return 1
  try {
    return await serve(config, log)
  } finally {
    log.close()
  }
}

async function readLine(args: readonly string[]): Promise<CommandLine | undefined> {
  try {
    return parseFlags(args)
  } catch (error) {
    if (!(error instanceof FlagError)) throw error
    const { usage } = await import('./config/help.js')
    process.stderr.write(`${error.message}\n${usage}`)
    return undefined
  }
}

function configProblem(error: unknown): undefined {
  if (!(error instanceof ConfigError)) throw error
  const level = openLog({ clock: systemClock, level: 'info', outputs: ['stderr'], format: 'json' })
  level.error(`error verifying flags, ${error.message}. See 'etcd --help'.`)
}

function openProgramLog(settings: Settings): ProgramLog | undefined {
  const level = settings['log-level']
  const format = settings['log-format']
  try {
    return openLog({ clock: systemClock, level, outputs: settings['log-outputs'], format })
  } catch (error) {
    process.stderr.write(`cannot open the log: ${(error as Error).message}\n`)
    return undefined
  }
}

async function serve({ settings, warnings }: Config, log: ProgramLog): Promise<number> {
  for (const warning of warnings) log.warn(warning)
  log.info('starting an etcd server', {
    'etcd-version': CLUSTER_VERSION,
    'node-version': process.version,
    ...settings,
  })
  const signalled = untilSignal()
  let etcd: Etcd
  try {
    etcd = await openEtcd(settings, { clock: systemClock, random: systemRandom, log })
  } catch (error) {
    log.fatal('failed to start etcd', { error: (error as Error).message })
    return 1
  }
  const end = await Promise.race([
    signalled.then((signal) => ({ signal })),
    etcd.member.stopped.then((reason) => ({ reason })),
  ])
  if ('signal' in end) log.info('received signal; shutting down', { signal: end.signal })
  await etcd.close()
  return 'signal' in end ? 0 : explainStop(end.reason, log)
}

/** A member that is no member any more has done its duty. */
function explainStop(reason: unknown, log: Log): number {
  if (reason === 'removed') {
    log.warn('server has been removed from the cluster; stopping')
    return 0
  }
  log.error('the member has failed', { error: reason })
  return 1
}

async function printHelp(): Promise<number> {
  const { help } = await import('./config/help.js')
  process.stdout.write(help())
  return 0
}

function printVersion(): number {
  const lines = [
    `etcd Version: ${CLUSTER_VERSION}`,
    'Git SHA: Not provided',
    `Node Version: ${process.version}`,
    `OS/Arch: ${process.platform}/${process.arch}`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

async function printCompletion(shell: string): Promise<number> {
  const { completionFor } = await import('./config/completion.js')
  const script = completionFor(shell)
  if (script === undefined) {
    process.stderr.write(`no completion for "${shell}": choose one of bash, zsh, fish\n`)
    return 1
  }
  process.stdout.write(`${script}\n`)
  return 0
}
