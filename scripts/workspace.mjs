// The steps that every script is made of. Plain Node without dependencies: they run in a fresh
// clone, before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const REQUIRED_NODE = [20, 19]

/** Tells the reader what happens now. On stderr, so that stdout stays the job's own. */
function say(text) {
  console.error(`▸ ${text}`)
}

/** Ends the process with what went wrong and what to do. */
function giveUp(text, exitCode = 1) {
  console.error(`✗ ${text}`)
  process.exit(exitCode)
}

/** Installs, generates and builds what is missing or out of date. */
export async function prepare({ project = '.' } = {}) {
  requireNode()
  await install()
  generate()
  build(project)
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [requiredMajor, requiredMinor] = REQUIRED_NODE
  if (major > requiredMajor || (major === requiredMajor && minor >= requiredMinor)) return
  giveUp(`Node ${REQUIRED_NODE.join('.')} or newer is needed; this is ${process.versions.node}`)
}

/** `npm ci`, unless node_modules is at least as new as the lockfile. */
export async function install() {
  // npm writes this file last, so an interrupted installation is not taken for a finished one.
  const installed = modifiedMs('node_modules/.package-lock.json')
  if (installed !== undefined && installed >= (modifiedMs('package-lock.json') ?? 0)) return
  say('installing dependencies (npm ci); this takes about half a minute the first time …')
  const begun = process.hrtime.bigint()
  const { status, output } = await runNpm(['ci', '--loglevel=error', ...PATIENCE])
  if (status !== 0) giveUp(explainInstall(output), status)
  say(`installed in ${seconds(begun)}`)
}

// Enough for a dropped connection; npm's own defaults keep an offline user waiting for minutes.
const PATIENCE = [
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=4000',
]
const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH|FETCH_ERROR|E50\d/

/** @param {string} output what npm printed */
export function explainInstall(output) {
  if (UNREACHABLE.test(output))
    return [
      'the npm registry could not be reached, so nothing was installed',
      '  - which registry is asked:   npm config get registry',
      '  - behind a proxy:            npm config set https-proxy http://PROXY:PORT',
      '  - to use a mirror:           npm config set registry https://MIRROR/',
      '  then run the same command again; it goes on from here',
    ].join('\n')
  return 'npm ci failed; what it printed above says why. Run the same command again afterwards'
}

/** Runs npm, shows what it prints, and returns that. */
function runNpm(args) {
  // Under `npm start` this is npm's own script, which also works where npm is a .cmd file.
  const script = process.env.npm_execpath
  const viaNode = script !== undefined && /npm-cli\.c?js$/.test(script)
  const [command, before] = viaNode ? [process.execPath, [script]] : ['npm', []]
  const child = spawn(command, [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe'],
    shell: !viaNode && process.platform === 'win32',
  })
  return new Promise((resolve) => {
    let output = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
      process.stderr.write(text)
    })
    child.on('error', (error) => giveUp(`npm could not be started: ${error.message}`))
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

/**
 * The types, the schema model and the descriptions of the built-in kinds; the generators skip what
 * is up to date.
 */
export function generate() {
  for (const name of ['api', 'apiserver']) {
    const status = runNode([`packages/${name}/scripts/generate.mjs`])
    if (status !== 0) giveUp('the code generation failed', status)
  }
}

/** `tsc -b`: only what changed is compiled. Then the programs are bundled. */
export function build(project = '.') {
  say('building …')
  for (const args of [['node_modules/typescript/bin/tsc', '-b', project], ['scripts/bundle.mjs']]) {
    const status = runNode(args)
    if (status !== 0) giveUp('the build failed', status)
  }
}

/** Runs Node on `args` at the root and returns its exit status. */
export function runNode(args, { env = {} } = {}) {
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  if (error) giveUp(`${args[0]} could not be started: ${error.message}`)
  return status ?? 1
}

/**
 * Runs Node on `args` in place of this process: signals reach it, and its exit status is ours.
 */
export function becomeNode(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
  // A terminal sends ^C to both; a supervisor only to us.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => giveUp(`${args[0]} could not be started: ${error.message}`))
  child.on('close', (status, signal) => process.exit(status ?? (signal === 'SIGINT' ? 130 : 143)))
}

function modifiedMs(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs
}

function seconds(begun) {
  return `${(Number(process.hrtime.bigint() - begun) / 1e9).toFixed(1)} s`
}
