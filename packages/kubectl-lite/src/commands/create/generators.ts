import type { CommandEntry } from '../../cli/command.js'

/** What `create` can make without a manifest. */
export const generators: readonly CommandEntry[] = [
  {
    name: 'clusterrole',
    summary: 'Create a cluster role',
    load: async () => (await import('./role.js')).clusterRole,
  },
  {
    name: 'clusterrolebinding',
    summary: 'Create a cluster role binding for a particular cluster role',
    load: async () => (await import('./role-binding.js')).clusterRoleBinding,
  },
  {
    name: 'configmap',
    aliases: ['cm'],
    summary: 'Create a config map from a local file, directory or literal value',
    load: async () => (await import('./config-map.js')).configMap,
  },
  {
    name: 'cronjob',
    aliases: ['cj'],
    summary: 'Create a cron job with the specified name',
    load: async () => (await import('./cron-job.js')).cronJob,
  },
  {
    name: 'deployment',
    aliases: ['deploy'],
    summary: 'Create a deployment with the specified name',
    load: async () => (await import('./deployment.js')).deployment,
  },
  {
    name: 'ingress',
    aliases: ['ing'],
    summary: 'Create an ingress with the specified name',
    load: async () => (await import('./ingress.js')).ingress,
  },
  {
    name: 'job',
    summary: 'Create a job with the specified name',
    load: async () => (await import('./job.js')).job,
  },
  {
    name: 'namespace',
    aliases: ['ns'],
    summary: 'Create a namespace with the specified name',
    load: async () => (await import('./namespace.js')).namespace,
  },
  {
    name: 'poddisruptionbudget',
    aliases: ['pdb'],
    summary: 'Create a pod disruption budget with the specified name',
    load: async () => (await import('./pod-disruption-budget.js')).podDisruptionBudget,
  },
  {
    name: 'priorityclass',
    aliases: ['pc'],
    summary: 'Create a priority class with the specified name',
    load: async () => (await import('./priority-class.js')).priorityClass,
  },
  {
    name: 'quota',
    aliases: ['resourcequota'],
    summary: 'Create a quota with the specified name',
    load: async () => (await import('./quota.js')).quota,
  },
  {
    name: 'role',
    summary: 'Create a role with single rule',
    load: async () => (await import('./role.js')).role,
  },
  {
    name: 'rolebinding',
    summary: 'Create a role binding for a particular role or cluster role',
    load: async () => (await import('./role-binding.js')).roleBinding,
  },
  {
    name: 'secret',
    summary: 'Create a secret using a specified subcommand',
    load: async () => (await import('./secret.js')).secret,
  },
  {
    name: 'service',
    aliases: ['svc'],
    summary: 'Create a service using a specified subcommand',
    load: async () => (await import('./service.js')).service,
  },
  {
    name: 'serviceaccount',
    aliases: ['sa'],
    summary: 'Create a service account with the specified name',
    load: async () => (await import('./service-account.js')).serviceAccount,
  },
  {
    name: 'token',
    summary: 'Request a service account token',
    load: async () => (await import('./token.js')).token,
  },
]
