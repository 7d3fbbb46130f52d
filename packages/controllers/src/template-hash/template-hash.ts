import type { PodTemplateSpec } from '@miniplane/api'
import { Fnv32 } from './fnv.js'
import { GoPrinter } from './go-print.js'

// Immutable, and made of nothing but the tables, so one for all planes of a process.
let printer: GoPrinter | undefined

/** What is hashed of a template: Go's printing of the struct. */
export function templateText(template: PodTemplateSpec): string {
  printer ??= new GoPrinter('core.v1.PodTemplateSpec')
  return printer.print(template)
}

/**
 * The value of `pod-template-hash`, and of a DaemonSet's `controller-revision-hash`, as the real
 * controllers compute it, so that a template has the same name here and there. Every field that a
 * release adds to Pods changes all of them: these are 1.36's. A `collisionCount` gives the same
 * template another one, also when it is 0.
 */
export function templateHash(template: PodTemplateSpec, collisionCount?: number): string {
  const hash = new Fnv32('1a').writeText(templateText(template))
  if (collisionCount !== undefined) hash.write(littleEndian(collisionCount))
  return hash.toName()
}

/** Eight bytes, of which the count has the first four. */
function littleEndian(count: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(count >>> 0)
  return bytes
}
