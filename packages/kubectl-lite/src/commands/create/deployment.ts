import { nameSuffix, type Random } from '@miniplane/api'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { commandOf, defineGenerator } from './generator.js'

export const deployment = defineGenerator({
  usage: 'deployment NAME --image=image -- [COMMAND] [args...] [options]',
  summary: 'Create a deployment with the specified name',
  examples: ['kubectl create deployment web --image=nginx --replicas=3'],
  resource: {
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    kind: 'Deployment',
    namespaced: true,
  },
  failure: 'failed to create deployment: ',
  flags: {
    image: flag.slice('Image names to run.', { required: true }),
    port: flag.int('The containerPort that this deployment exposes.', { default: -1 }),
    replicas: flag.int('Number of replicas to create. Default is 1.', { default: 1, short: 'r' }),
  },
  async build(session, name, invocation) {
    const { flags } = invocation
    const command = commandOf(invocation)
    if (flags.image.length > 1 && command.length > 0) {
      throw new CommandError('cannot specify multiple --image options and command')
    }
    const labels = { app: name }
    const containers = flags.image.map((image) => ({
      name: containerName(image, session.environment.random),
      image,
      ...(command.length > 0 ? { command } : {}),
      ...(flags.port >= 0 ? { ports: [{ containerPort: flags.port }] } : {}),
      resources: {},
    }))
    return {
      metadata: { name, labels },
      spec: {
        replicas: flags.replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
        strategy: {},
      },
      status: {},
    }
  },
})

/** `registry.example.com/team/web:1.2` → `web`; a name that is no label gets another end. */
function containerName(image: string, random: Random): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  const name = last.split(/[:@]/)[0] ?? last
  return /[_.]/.test(name) ? `${name.replaceAll(/[_.]/g, '-')}-${nameSuffix(random)}` : name
}
