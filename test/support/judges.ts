import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A real program that judges us. */
export interface Judge {
  readonly name: string
  readonly path: string
}

const BUILT_KUBECTL = fileURLToPath(new URL('../clients/bin/kubectl', import.meta.url))

/** The workspace's own programs come first on npm's PATH, and are nobody's judges. */
const judgesPath = (process.env.PATH ?? '')
  .split(':')
  .filter((folder) => !folder.endsWith('node_modules/.bin'))
  .join(':')

export function onPath(program: string): string | undefined {
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${program}`], {
      encoding: 'utf8',
      env: { PATH: judgesPath },
    }).trim()
  } catch {
    return undefined // `command -v` exits with 1 when there is none: that is its answer
  }
}

/** Every kubectl there is: the one on PATH, and 1.36 as test/clients/build.sh builds it. */
export function kubectls(): Judge[] {
  const found: Judge[] = []
  const path = process.env.MINIPLANE_PATH_KUBECTL ?? onPath('kubectl')
  if (path) found.push({ name: 'kubectl on PATH', path })
  const built = process.env.MINIPLANE_KUBECTL ?? BUILT_KUBECTL
  if (existsSync(built)) found.push({ name: 'kubectl 1.36', path: built })
  return found
}

/** With MINIPLANE_JUDGES=required a missing judge fails its tests; without, they are skipped. */
export const judgesRequired = process.env.MINIPLANE_JUDGES === 'required'

export interface Finished {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly timeoutMs?: number
}

/** Runs a program to its end; one that does not end in time is killed and reported as such. */
export function run(path: string, args: string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 30_000)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({
        exit: code ?? 128,
        stdout,
        stderr: signal ? `${stderr}\nkilled by ${signal}` : stderr,
      })
    })
    // Some end without having read it.
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdin.end(options.stdin ?? '')
  })
}
