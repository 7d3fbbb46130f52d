import type { KubeObject } from '@miniplane/api'
import { ageOf } from '../printers/human-duration.js'
import { itemsOf } from '../printers/print-flags.js'
import type { Table } from '../printers/table.js'

/** A table of names and ages, for objects whose server makes none. */
export function objectTable(answer: KubeObject, nowMs: number): Table {
  return {
    kind: 'Table',
    metadata: { ...(answer.metadata as object) },
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name' },
      { name: 'Age', type: 'string' },
    ],
    rows: itemsOf(answer).map((object) => ({
      cells: [object.metadata.name ?? '', ageOf(object.metadata.creationTimestamp, nowMs)],
      object,
    })),
  }
}
