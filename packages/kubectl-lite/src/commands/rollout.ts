import { defineCommand } from '../cli/command.js'

export const rollout = defineCommand({
  usage: 'rollout SUBCOMMAND [options]',
  summary: 'Manage the rollout of one or many resources.',
  long: `Manage the rollout of one or many resources.
        
 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets`,
  examples: ['kubectl rollout undo deployment/web', 'kubectl rollout status deployment/web'],
  flags: {},
  helpOn: 'stdout',
  subcommands: [
    {
      name: 'history',
      summary: 'View rollout history',
      load: async () => (await import('./rollout/history.js')).history,
    },
    {
      name: 'pause',
      summary: 'Mark the provided resource as paused',
      load: async () => (await import('./rollout/pause.js')).pause,
    },
    {
      name: 'restart',
      summary: 'Restart a resource',
      load: async () => (await import('./rollout/restart.js')).restart,
    },
    {
      name: 'resume',
      summary: 'Resume a paused resource',
      load: async () => (await import('./rollout/pause.js')).resume,
    },
    {
      name: 'status',
      summary: 'Show the status of the rollout',
      load: async () => (await import('./rollout/status.js')).status,
    },
    {
      name: 'undo',
      summary: 'Undo a previous rollout',
      load: async () => (await import('./rollout/undo.js')).undo,
    },
  ],
})
