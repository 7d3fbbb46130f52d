import type { KubeObject } from '@miniplane/api'
import { asError, throwCollected } from '../errors/errors.js'
import { isNotFound } from '../errors/status.js'
import { CustomColumnsPrinter, columnsFromFile, parseColumns } from '../printers/custom-columns.js'
import { PRINT_FORMATS, printerFor, splitFormat } from '../printers/print-flags.js'
import type { ObjectPrinter } from '../printers/print-options.js'
import { sortByField } from '../printers/sort.js'
import type { Info } from '../resolve/info.js'
import { fetchTarget } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import type { GetFlags } from './flags.js'
import { getTargets } from './targets.js'

/** `get` in a format for programs: one object as it is, several as a list. */
export async function printObjects(
  session: Session,
  args: readonly string[],
  flags: GetFlags,
): Promise<number> {
  const printer = await objectPrinter(session, flags)
  const { targets, errors: failed, single } = await getTargets(session, args, flags)
  const isOne = single && targets[0]?.by === 'name'
  const infos: Info[] = []
  const errors = [...failed]
  for (const target of targets) {
    try {
      infos.push(...(await fetchTarget(session, target, flags.subresource)))
    } catch (error) {
      if (flags.ignoreNotFound && isNotFound(error)) continue
      if (isOne) throw error
      errors.push(asError(error))
    }
  }
  const objects = sorted(
    infos.map(({ object }) => object),
    flags.sortBy,
  )
  const wanted = objects.length > 0 || !(flags.ignoreNotFound || errors.length > 0)
  if (wanted) session.out.stdout(printer.print(isOne && objects[0] ? objects[0] : listOf(objects)))
  throwCollected(errors)
  return 0
}

const sorted = (objects: KubeObject[], field: string): KubeObject[] =>
  field === '' || objects.length < 2
    ? objects
    : sortByField(objects, field, (object) => object).sorted

const listOf = (items: readonly KubeObject[]): KubeObject => ({
  apiVersion: 'v1',
  items,
  kind: 'List',
  metadata: { resourceVersion: '' },
})

/** The printer for `-o`, custom columns included. */
export async function objectPrinter(session: Session, flags: GetFlags): Promise<ObjectPrinter> {
  const { folder } = session.environment
  const [format, argument = ''] = splitFormat(flags.output)
  if (format === 'custom-columns' || format === 'custom-columns-file') {
    const columns =
      format === 'custom-columns' ? parseColumns(argument) : columnsFromFile(argument, folder)
    let text = ''
    const printer = new CustomColumnsPrinter(columns, flags.noHeaders, (laidOut) => {
      text += laidOut
    })
    return {
      print(object) {
        text = ''
        printer.print(object)
        return text
      },
    }
  }
  const formats = [...PRINT_FORMATS, 'custom-columns', 'custom-columns-file', 'wide']
  return printerFor({ ...flags, formats, folder })
}
