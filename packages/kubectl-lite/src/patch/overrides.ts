import {
  applyJsonMergePatch,
  applyStrategicMergePatch,
  builtinResources,
  type KubeObject,
  type PatchOperation,
} from '@miniplane/api'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { patchedByOperations } from './json-patch.js'

/** Flags by which an object that kubectl makes can be changed before it is sent. */
export const overrideFlags = {
  overrides: flag.string(
    'An inline JSON override for the generated object. If this is non-empty, it is used to override the generated object.',
  ),
  overrideType: flag.string(
    'The method used to override the generated object: json, merge, or strategic.',
    { default: 'merge' },
  ),
}

/** The object as `--overrides` wants it. */
export function overridden(
  object: KubeObject,
  { overrides, overrideType }: { readonly overrides: string; readonly overrideType: string },
): KubeObject {
  if (overrides === '') return object
  if (!['json', 'merge', 'strategic'].includes(overrideType)) {
    throw new CommandError(`invalid override type: ${overrideType}`)
  }
  const patch = parse(overrides, overrideType)
  if (overrideType === 'merge') return applyJsonMergePatch(object, patch) as KubeObject
  if (overrideType === 'strategic') {
    const schema = builtinResources().find(
      ({ kind, version, group }) =>
        kind === object.kind &&
        (group === '' ? version : `${group}/${version}`) === object.apiVersion,
    )?.schema
    if (!schema) throw new CommandError(`no schema is known for ${object.kind}`)
    const target = { ...object }
    return applyStrategicMergePatch(target, patch as Record<string, unknown>, schema) as KubeObject
  }
  return patchedByOperations(object, patch as PatchOperation[]) as KubeObject
}

function parse(text: string, type: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = type === 'merge' ? 'Invalid JSON Patch' : (error as Error).message
    throw new CommandError(reason, { cause: error })
  }
}
