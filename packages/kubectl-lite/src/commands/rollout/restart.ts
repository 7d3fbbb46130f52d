import { type Deployment, formatTime } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { CommandError } from '../../errors/errors.js'
import { podTemplateOf } from '../../workload/pod-template.js'
import { patchEach, refusal, rolloutFlags } from './patch-each.js'

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
const RESTARTABLE = ['Deployment', 'DaemonSet', 'StatefulSet']

export const restart = defineCommand({
  usage: 'restart RESOURCE [options]',
  summary: 'Restart a resource',
  examples: ['kubectl rollout restart deployment/web'],
  flags: rolloutFlags,
  async run(session, invocation) {
    const now = formatTime(session.clock.now())
    return patchEach(session, invocation, 'restarted', (info) => {
      const { object } = info
      if (!RESTARTABLE.includes(object.kind ?? '')) {
        throw refusal(info, 'restarting is not supported')
      }
      if ((object as unknown as Deployment).spec?.paused) {
        throw refusal(info, "can't restart paused deployment (run rollout resume first)")
      }
      if (podTemplateOf(object)?.metadata?.annotations?.[RESTARTED_AT] === now) {
        throw new CommandError(
          `failed to create patch for ${info.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
        )
      }
      return { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: now } } } } }
    })
  },
})
