import { defineCommand } from '../cli/command.js'

export const set = defineCommand({
  usage: 'set SUBCOMMAND [options]',
  summary: 'Configure application resources.',
  long: `Configure application resources.

 These commands help you make changes to existing application resources.`,
  flags: {},
  subcommands: [
    {
      name: 'env',
      summary: 'Update environment variables on a pod template',
      load: async () => (await import('./set/env.js')).setEnv,
    },
    {
      name: 'image',
      summary: 'Update the image of a pod template',
      load: async () => (await import('./set/image.js')).setImage,
    },
    {
      name: 'resources',
      summary: 'Update resource requests/limits on objects with pod templates',
      load: async () => (await import('./set/resources.js')).setResources,
    },
    {
      name: 'selector',
      summary: 'Set the selector on a resource',
      load: async () => (await import('./set/selector.js')).setSelector,
    },
    {
      name: 'serviceaccount',
      aliases: ['sa'],
      summary: 'Update the service account of a resource',
      load: async () => (await import('./set/service-account.js')).setServiceAccount,
    },
    {
      name: 'subject',
      summary:
        'Update the user, group, or service account in a role binding or cluster role binding',
      load: async () => (await import('./set/subject.js')).setSubject,
    },
  ],
})
