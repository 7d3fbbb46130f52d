import type { ByteSink } from '@miniplane/api'
import { FileError, resolvePath } from '../file-system.js'
import { Input } from '../input.js'
import { ProgramError } from '../process.js'
import type { ShellState } from './state.js'
import type { Redirect } from './syntax.js'

/** Where a command's standard streams lead. */
export interface Streams {
  readonly stdin: Input
  readonly stdout: ByteSink
  readonly stderr: ByteSink
}

/** The same with what `<`, `>` and the like change about them. Throws `ProgramError`. */
export async function redirected(
  streams: Streams,
  redirects: readonly Redirect[],
  state: ShellState,
  textOf: (redirect: Redirect) => Promise<string>,
): Promise<Streams> {
  let { stdin, stdout, stderr } = streams
  for (const redirect of redirects) {
    const target = await textOf(redirect)
    const { kind, descriptor } = redirect
    if (kind === 'text') stdin = Input.of(Buffer.from(target))
    else if (kind === '<') stdin = Input.of(readFile(target, state))
    else if (kind === '&') {
      const other = target === '1' ? stdout : target === '2' ? stderr : NOWHERE
      if (descriptor === 2) stderr = other
      else stdout = other
    } else {
      const sink = sinkFor(target, kind === '>>', state, { stdin, stdout, stderr })
      if (descriptor === 2) stderr = sink
      else stdout = sink
    }
  }
  return { stdin, stdout, stderr }
}

function readFile(name: string, state: ShellState): Uint8Array {
  try {
    return state.machine.files.read(resolvePath(state.directory, name))
  } catch (error) {
    throw cantOpen(error, name)
  }
}

function sinkFor(name: string, isAppended: boolean, state: ShellState, streams: Streams): ByteSink {
  const path = resolvePath(state.directory, name)
  if (path === '/dev/null') return NOWHERE
  if (path === '/dev/stdout') return streams.stdout
  if (path === '/dev/stderr') return streams.stderr
  const { files, clock } = state.machine
  try {
    const before = isAppended && files.entry(path) ? files.read(path) : new Uint8Array()
    files.write(path, before, clock.now())
  } catch (error) {
    throw cantOpen(error, name)
  }
  return {
    async write(bytes) {
      files.append(path, bytes, clock.now())
    },
    end: () => undefined,
  }
}

function cantOpen(error: unknown, name: string): unknown {
  if (!(error instanceof FileError)) return error
  const problem = error.message === 'No such file or directory' ? 'no such file' : error.message
  return new ProgramError(`can't open ${name}: ${problem}`)
}

export const NOWHERE: ByteSink = { write: async () => undefined, end: () => undefined }
