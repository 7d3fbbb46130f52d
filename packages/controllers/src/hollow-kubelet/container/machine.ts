import type { Clock, Container, Pod } from '@miniplane/api'
import { limits } from '../limits.js'
import { type Configuration, environmentOf, expandReferences, hostnameOf } from './environment.js'
import { FileSystem, resolvePath } from './file-system.js'
import type { Machine, ProcessClock } from './process.js'
import { programs } from './programs/programs.js'

/** The inside of one run of a container: its files, its environment, what it was told to do. */
export interface Inside {
  readonly files: FileSystem
  readonly env: ReadonlyMap<string, string>
  readonly hostname: string
  readonly directory: string
  /** Of the spec, references expanded; empty: what the image would do, which nobody here knows. */
  readonly command: readonly string[]
}

export function insideOf(
  pod: Pod,
  container: Container,
  configuration: Configuration,
  clock: Clock,
): Inside {
  const env = environmentOf(pod, container, configuration)
  const files = new FileSystem(limits.containerFilesBytesMax, clock.now())
  const hostname = hostnameOf(pod)
  files.write('/etc/hostname', Buffer.from(`${hostname}\n`), clock.now())
  const directory = resolvePath('/', container.workingDir ?? '')
  files.makeFolder(directory, clock.now())
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const command = words.map((word) => expandReferences(word, env))
  return { files, env, hostname, directory, command }
}

export const machineOf = ({ files, hostname }: Inside, clock: ProcessClock): Machine => ({
  files,
  hostname,
  clock,
  programs,
  processes: { count: 0 },
})
