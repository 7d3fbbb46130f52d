import { canonicalQuantity } from '@miniplane/api'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { defineGenerator } from './generator.js'

export const quota = defineGenerator({
  usage:
    'quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none] [options]',
  summary: 'Create a quota with the specified name',
  resource: {
    group: '',
    version: 'v1',
    resource: 'resourcequotas',
    kind: 'ResourceQuota',
    namespaced: true,
  },
  failure: 'failed to create quota: ',
  flags: {
    hard: flag.string('A comma-delimited set of resource=quantity pairs that define a hard limit.'),
    scopes: flag.string(
      'A comma-delimited set of quota scopes that must all match each object tracked by the quota.',
    ),
  },
  async build(_, __, { flags }) {
    const hard = parseQuantities(flags.hard)
    const scopes = flags.scopes === '' ? [] : flags.scopes.split(',')
    return {
      spec: {
        ...(Object.keys(hard).length > 0 ? { hard } : {}),
        ...(scopes.length > 0 ? { scopes } : {}),
      },
      status: {},
    }
  },
})

/** `cpu=1,memory=1Gi` */
export function parseQuantities(text: string): Record<string, string> {
  const entries = text
    .split(',')
    .filter((part) => part !== '')
    .map((part): [string, string] => {
      const [name = '', value, ...more] = part.split('=')
      if (value === undefined || more.length > 0) {
        throw new CommandError(`Invalid argument syntax ${part}, expected <resource>=<value>`)
      }
      return [name, canonicalQuantity(value)]
    })
  return Object.fromEntries(entries)
}
