import { CommandError } from '../../errors/errors.js'
import { hashedName } from './content-hash.js'
import { defineGenerator } from './generator.js'
import { isUtf8, keyValueFlags, readKeyValues } from './key-values.js'

export const configMap = defineGenerator({
  usage:
    'configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
  summary: 'Create a config map from a local file, directory or literal value',
  examples: ['kubectl create configmap conf --from-literal=color=blue --from-file=app.properties'],
  resource: {
    group: '',
    version: 'v1',
    resource: 'configmaps',
    kind: 'ConfigMap',
    namespaced: true,
  },
  failure: 'failed to create configmap: ',
  flags: keyValueFlags,
  async build(session, name, { flags }) {
    const values = readKeyValues(session, flags, {
      invalid: (key, problems) =>
        new CommandError(`"${key}" is not a valid key name for a ConfigMap: ${problems.join(',')}`),
      repeated: (key) =>
        new CommandError(
          `cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${name}"`,
        ),
    })
    const data: Record<string, string> = {}
    const binaryData: Record<string, string> = {}
    for (const [key, bytes] of values) {
      if (isUtf8(bytes)) data[key] = bytes.toString('utf8')
      else binaryData[key] = bytes.toString('base64')
    }
    const content = {
      ...(Object.keys(data).length > 0 ? { data } : {}),
      ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
    }
    if (!flags.appendHash) return content
    const hashed = { data: {}, ...content, kind: 'ConfigMap', name }
    return { ...content, metadata: { name: hashedName(name, hashed) } }
  },
})
