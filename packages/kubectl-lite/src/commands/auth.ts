import { defineCommand } from '../cli/command.js'

export const auth = defineCommand({
  usage: 'auth [flags] [options]',
  summary: 'Inspect authorization.',
  flags: {},
  subcommands: [
    {
      name: 'can-i',
      summary: 'Check whether an action is allowed',
      load: async () => (await import('./auth/can-i.js')).canI,
    },
    {
      name: 'reconcile',
      summary:
        'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
      load: async () => (await import('./auth/reconcile.js')).reconcile,
    },
    {
      name: 'whoami',
      summary: 'Experimental: Check self subject attributes',
      load: async () => (await import('./auth/whoami.js')).whoami,
    },
  ],
})
