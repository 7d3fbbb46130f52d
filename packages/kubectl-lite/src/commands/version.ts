import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { yamlText } from '../printers/object-text.js'
import type { Session } from '../session/session.js'

/** The kubectl whose behaviour this program has. */
const CLIENT_VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'typescript',
  platform: `${process.platform}/${process.arch}`,
}
const KUSTOMIZE_VERSION = 'v5.8.1'

export const version = defineCommand({
  usage: 'version [flags] [options]',
  summary: 'Print the client and server version information',
  examples: ['kubectl version', 'kubectl version --client'],
  flags: {
    client: flag.bool('If true, shows client version only (no server required).'),
    output: flag.string("One of 'yaml' or 'json'.", { short: 'o' }),
  },
  async run(session, { args, flags }) {
    if (args.length > 0) throw new CommandError(`extra arguments: [${args.join(' ')}]`)
    if (!['', 'yaml', 'json'].includes(flags.output)) {
      throw new CommandError("--output must be 'yaml' or 'json'")
    }
    const server = flags.client ? undefined : await serverVersion(session)
    const all = {
      clientVersion: CLIENT_VERSION,
      kustomizeVersion: KUSTOMIZE_VERSION,
      ...(server ? { serverVersion: server } : {}),
    }
    if (flags.output === 'json') return session.out.stdout(`${JSON.stringify(all, undefined, 2)}\n`)
    if (flags.output === 'yaml') return session.out.stdout(yamlText(all))
    session.line(`Client Version: ${CLIENT_VERSION.gitVersion}`)
    session.line(`Kustomize Version: ${KUSTOMIZE_VERSION}`)
    if (server) session.line(`Server Version: ${server.gitVersion}`)
  },
})

async function serverVersion(session: Session) {
  const answer = await session.rest.object({ method: 'GET', path: '/version' })
  return answer as unknown as { gitVersion: string }
}
