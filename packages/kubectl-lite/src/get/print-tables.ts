import type { KubeObject } from '@miniplane/api'
import { asError, ErrorList } from '../errors/errors.js'
import { isNotFound } from '../errors/status.js'
import { sortByField } from '../printers/sort.js'
import { GET_LAYOUT, TabWriter } from '../printers/tab-writer.js'
import { isTable, type Table, TablePrinter } from '../printers/table.js'
import type { ResourceInfo } from '../resolve/discovery.js'
import { kindPrefix } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import { explainSelector, getNamed, listQuery, type Target } from '../resolve/resolve.js'
import { TABLE_ACCEPT } from '../session/rest.js'
import type { Session } from '../session/session.js'
import type { GetFlags } from './flags.js'
import { objectTable } from './object-table.js'
import { getTargets } from './targets.js'

interface Answer {
  readonly resource: ResourceInfo
  readonly table: Table
}

/** `get` for people: the server's tables, one after another, kinds apart. */
export async function printTables(
  session: Session,
  args: readonly string[],
  flags: GetFlags,
): Promise<number> {
  const { targets, errors: failed } = await getTargets(session, args, flags)
  const answers: Answer[] = []
  const errors = [...failed]
  for (const target of targets) {
    try {
      const table = await fetchTable(session, target, flags)
      answers.push({ resource: target.resource, table: sortTable(table, flags.sortBy) })
    } catch (error) {
      if (!(flags.ignoreNotFound && isNotFound(error))) errors.push(asError(error))
    }
  }
  const severalKinds = new Set(targets.map(({ resource }) => kindPrefix(resource))).size > 1
  const printed = printAnswers(session, answers, {
    ...flags,
    showKind: flags.showKind || severalKinds,
  })
  if (!printed && !flags.ignoreNotFound && errors.length === 0) {
    const namespaced = !flags.allNamespaces && targets.every(({ resource }) => resource.namespaced)
    session.out.stderr(
      namespaced
        ? `No resources found in ${session.namespace} namespace.\n`
        : 'No resources found\n',
    )
  }
  // Nested, since these are printed without the prefix that a single error would get.
  if (errors.length > 0) throw new ErrorList([new ErrorList(unique(errors))])
  return 0
}

const unique = (errors: readonly Error[]): Error[] => [
  ...new Map(errors.map((error) => [error.message, error])).values(),
]

/** Returns whether anything was printed. */
function printAnswers(session: Session, answers: readonly Answer[], flags: GetFlags): boolean {
  let wrote = false
  let separate = false
  const writer = new TabWriter(GET_LAYOUT, (text) => {
    if (text === '') return
    session.out.stdout(separate ? `\n${text}` : text)
    wrote = true
    separate = false
  })
  let last: ResourceInfo | undefined
  let printer: TablePrinter | undefined
  for (const { resource, table } of answers) {
    if (!printer || resource !== last) {
      writer.flush()
      writer.forgetWidths()
      separate = last !== undefined && !flags.noHeaders && wrote
      printer = new TablePrinter(tableOptions(resource, flags), writer)
      last = resource
    }
    printer.print(table)
  }
  writer.flush()
  return wrote
}

export const tableOptions = (resource: ResourceInfo, flags: GetFlags) => ({
  wide: flags.output === 'wide',
  noHeaders: flags.noHeaders,
  withNamespace: flags.allNamespaces && resource.namespaced,
  showLabels: flags.showLabels,
  labelColumns: flags.labelColumns,
  ...(flags.showKind ? { kind: kindPrefix(resource) } : {}),
})

/** The table of one target, pages put together. */
export async function fetchTable(
  session: Session,
  target: Target,
  flags: GetFlags,
): Promise<Table> {
  const includeObject = flags.sortBy === '' ? undefined : 'Object'
  if (target.by === 'name') {
    const path = resourcePath(target.resource, target.namespace, target.name, flags.subresource)
    const { namespace } = target
    const named = { path, namespace, query: { includeObject }, accept: acceptOf(flags) }
    return asTable(session, await getNamed(session, named))
  }
  const path = resourcePath(target.resource, target.namespace)
  const pages: Table[] = []
  let token: string | undefined
  do {
    const query = { ...listQuery(target, token), limit: pageSize(flags.chunkSize), includeObject }
    const asked = { method: 'GET', path, query, accept: acceptOf(flags) } as const
    const answer = await session.rest.object(asked).catch((error: unknown) => {
      throw explainSelector(error, target)
    })
    const table = asTable(session, answer)
    pages.push(table)
    token = table.metadata?.continue || undefined
  } while (token !== undefined)
  const [first] = pages as [Table]
  return pages.length === 1 ? first : { ...first, rows: pages.flatMap(({ rows }) => rows ?? []) }
}

const pageSize = (size: number): string | undefined => (size > 0 ? String(size) : undefined)

const acceptOf = ({ serverPrint }: GetFlags): string =>
  serverPrint ? TABLE_ACCEPT : 'application/json'

/** Servers that know no tables send objects: then only their names and ages are shown. */
export const asTable = (session: Session, answer: KubeObject): Table =>
  isTable(answer) ? answer : objectTable(answer, session.clock.now())

function sortTable(table: Table, field: string): Table {
  const rows = table.rows ?? []
  if (field === '' || rows.length === 0) return table
  const { sorted, found } = sortByField(rows, field, (row) => row.object)
  return { ...table, rows: found ? sorted : [] }
}
