import { flag } from '../../cli/flags.js'
import { commandOf, defineGenerator } from './generator.js'

export const cronJob = defineGenerator({
  usage: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [options]",
  summary: 'Create a cron job with the specified name',
  resource: {
    group: 'batch',
    version: 'v1',
    resource: 'cronjobs',
    kind: 'CronJob',
    namespaced: true,
  },
  failure: 'failed to create cronjob: ',
  flags: {
    image: flag.string('Image name to run.', { required: true }),
    restart: flag.string("job's restart policy. supported values: OnFailure, Never", {
      default: 'OnFailure',
    }),
    schedule: flag.string('A schedule in the Cron format the job should be run with.', {
      required: true,
    }),
  },
  async build(_, name, invocation) {
    const { image, restart, schedule } = invocation.flags
    const command = commandOf(invocation)
    const container = {
      name,
      image,
      ...(command.length > 0 ? { command } : {}),
      resources: {},
    }
    const template = {
      metadata: {},
      spec: { containers: [container], restartPolicy: restart || 'OnFailure' },
    }
    return {
      spec: { schedule, jobTemplate: { metadata: { name }, spec: { template } } },
      status: {},
    }
  },
})
