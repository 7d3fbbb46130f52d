import type { AdmissionPlugin } from './admission.js'
import { ADMISSION_CATALOGUE, type AdmissionEntry } from './catalogue.js'
import type { AdmissionDependencies } from './dependencies.js'

export interface AdmissionSelection {
  /** Names of plugins to run beside those of a default server. */
  readonly enabled?: readonly string[]
  /** Names of plugins to leave out. */
  readonly disabled?: readonly string[]
}

/** A selection of plugins that no server can run; the message has every fault, one a line. */
export class AdmissionSelectionError extends Error {
  override readonly name = 'AdmissionSelectionError'
}

/**
 * The plugins that a server runs, in the order of the real one. Throws an
 * `AdmissionSelectionError` for names that are unknown, on both lists, or can't be enabled.
 */
export function selectAdmissionPlugins(
  { enabled = [], disabled = [] }: AdmissionSelection,
  given: AdmissionDependencies,
): AdmissionPlugin[] {
  const faults = selectionFaults(enabled, disabled)
  if (faults.length > 0) throw new AdmissionSelectionError(faults.join('\n'))
  return ADMISSION_CATALOGUE.filter(
    ({ name, isDefault }) => enabled.includes(name) || (isDefault && !disabled.includes(name)),
  ).flatMap((entry) => made(entry, given))
}

function made({ plugin }: AdmissionEntry, given: AdmissionDependencies): AdmissionPlugin[] {
  if (!plugin) return []
  return [typeof plugin === 'function' ? plugin(given) : plugin]
}

/** What is wrong with the two lists, in the words of the real server. */
export function selectionFaults(enabled: readonly string[], disabled: readonly string[]): string[] {
  const entries = new Map(ADMISSION_CATALOGUE.map((entry) => [entry.name, entry]))
  const faults: string[] = []
  for (const [flag, names] of [
    ['enable', enabled],
    ['disable', disabled],
  ] as const) {
    for (const name of names) {
      if (entries.has(name)) continue
      faults.push(`${flag}-admission-plugins plugin ${JSON.stringify(name)} is unknown`)
    }
  }
  const both = [...new Set(enabled)].filter((name) => disabled.includes(name)).sort()
  if (both.length > 0) {
    const list = both.join(' ')
    faults.push(`[${list}] in enable-admission-plugins and disable-admission-plugins overlapped`)
  }
  for (const name of enabled) {
    const refusal = entries.get(name)?.refusal
    if (refusal) faults.push(`enable-admission-plugins plugin ${name} is not supported: ${refusal}`)
  }
  return faults
}
