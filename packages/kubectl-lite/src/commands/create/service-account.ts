import { defineGenerator } from './generator.js'

export const serviceAccount = defineGenerator({
  usage: 'serviceaccount NAME [--dry-run=server|client|none] [options]',
  summary: 'Create a service account with the specified name',
  resource: {
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
  },
  failure: 'failed to create serviceaccount: ',
  flags: {},
  build: async () => ({}),
})
