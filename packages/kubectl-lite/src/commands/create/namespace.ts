import { defineGenerator } from './generator.js'

export const namespace = defineGenerator({
  usage: 'namespace NAME [--dry-run=server|client|none] [options]',
  summary: 'Create a namespace with the specified name',
  resource: {
    group: '',
    version: 'v1',
    resource: 'namespaces',
    kind: 'Namespace',
    namespaced: false,
  },
  flags: {},
  build: async () => ({ spec: {}, status: {} }),
})
