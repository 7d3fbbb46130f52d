import type { CronJob } from '@miniplane/api'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
import { commandOf, defineGenerator } from './generator.js'

export const job = defineGenerator({
  usage: 'job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...] [options]',
  summary: 'Create a job with the specified name',
  resource: { group: 'batch', version: 'v1', resource: 'jobs', kind: 'Job', namespaced: true },
  failure: 'failed to create job: ',
  flags: {
    from: flag.string('The name of the resource to create a Job from (only cronjob is supported).'),
    image: flag.string('Image name to run.'),
  },
  async build(session, name, invocation) {
    const { from, image } = invocation.flags
    const command = commandOf(invocation)
    if ((from === '') === (image === '')) {
      throw new CommandError('either --image or --from must be specified')
    }
    if (from !== '' && command.length > 0) {
      throw new CommandError('cannot specify --from and command')
    }
    return from === '' ? fromImage(name, image, command) : fromCronJob(session, name, from)
  },
})

function fromImage(name: string, image: string, command: readonly string[]) {
  const container = {
    name,
    image,
    ...(command.length > 0 ? { command } : {}),
    resources: {},
  }
  const template = { metadata: {}, spec: { containers: [container], restartPolicy: 'Never' } }
  return { metadata: { name }, spec: { template }, status: {} }
}

async function fromCronJob(session: Session, name: string, from: string) {
  const { infos, errors } = await resolveInfos(session, { args: [from] })
  if (errors[0]) throw errors[0]
  const [info] = infos
  if (infos.length !== 1 || !info) throw new CommandError('from must be an existing cronjob')
  const { kind, apiVersion = '' } = info.object
  if (kind !== 'CronJob') {
    throw new CommandError(`unknown object type *${apiVersion.split('/').at(-1)}.${kind}`)
  }
  const cronJob = info.object as unknown as CronJob
  const { metadata = {}, spec } = cronJob.spec?.jobTemplate ?? {}
  const labels = metadata.labels ? { labels: metadata.labels } : {}
  return {
    metadata: {
      name,
      ...labels,
      annotations: { ...metadata.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: cronJob.metadata.name ?? '',
          uid: cronJob.metadata.uid ?? '',
          controller: true,
        },
      ],
    },
    spec: withEmptyMetadata(spec),
    status: {},
  }
}

/** kubectl's own types always write the template's metadata. */
const withEmptyMetadata = (
  spec: NonNullable<CronJob['spec']>['jobTemplate']['spec'] | undefined,
) => ({
  ...spec,
  template: { metadata: {}, ...spec?.template },
})
