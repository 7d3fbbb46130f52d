import { defineCommand } from '../cli/command.js'
import { CommandError } from '../errors/errors.js'
import { editMetadata, type MetadataKind, metadataFlags } from './metadata-edit.js'

const annotations: MetadataKind = {
  field: 'annotations',
  noun: 'annotation',
  isChange: (word) => word.includes('=') || (word.endsWith('-') && word !== '-'),
  check() {},
  refuseOverwrite(present, wanted) {
    const taken = Object.keys(wanted).filter((name) => name in present)
    if (taken.length === 0) return
    const list = taken.map((name) => `'${name}' already has a value (${present[name]})`)
    throw new CommandError(
      `--overwrite is false but found the following declared annotation(s): ${list.join('; ')}`,
    )
  },
  outcome: () => 'annotated',
}

export const annotate = defineCommand({
  usage:
    'annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]',
  summary: 'Update the annotations on a resource',
  examples: ["kubectl annotate pods web note='hello world'", 'kubectl annotate pods web note-'],
  flags: metadataFlags,
  run: (session, invocation) => editMetadata(session, invocation, annotations),
})
