import { isEqual, isValidLabelValue } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { CommandError } from '../errors/errors.js'
import { editMetadata, type MetadataKind, metadataFlags } from './metadata-edit.js'

const labels: MetadataKind = {
  field: 'labels',
  noun: 'label',
  isChange: (word) => word.includes('=') || (word.endsWith('-') && word !== '-'),
  check(name, value) {
    const problems = isValidLabelValue(value)
    if (problems.length > 0) {
      throw new CommandError(`invalid label value: "${name}=${value}": ${problems.join(';')}`)
    }
  },
  refuseOverwrite(present, wanted) {
    for (const [name, value] of Object.entries(wanted)) {
      const old = present[name]
      if (old === undefined || old === value) continue
      throw new CommandError(`'${name}' already has a value (${old}), and --overwrite is false`)
    }
  },
  outcome(before, after, { set, remove }) {
    if (isEqual(before, after)) return 'not labeled'
    return Object.keys(set).length === 0 && remove.length > 0 ? 'unlabeled' : 'labeled'
  },
}

export const label = defineCommand({
  usage:
    'label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]',
  summary: 'Update the labels on a resource',
  examples: ['kubectl label pods web tier=front', 'kubectl label pods web tier-'],
  flags: metadataFlags,
  run: (session, invocation) => editMetadata(session, invocation, labels),
})
