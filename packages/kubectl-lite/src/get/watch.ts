import type { KubeObject, WatchEvent } from '@miniplane/api'
import { StatusError } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { GET_LAYOUT, TabWriter } from '../printers/tab-writer.js'
import { isTable, type Table, TablePrinter } from '../printers/table.js'
import { resourcePath } from '../resolve/paths.js'
import type { Target } from '../resolve/resolve.js'
import { TABLE_ACCEPT } from '../session/rest.js'
import type { Session } from '../session/session.js'
import { type GetFlags, isForPeople } from './flags.js'
import { objectPrinter } from './print-objects.js'
import { asTable, tableOptions } from './print-tables.js'
import { getTargets } from './targets.js'

/** `get -w`: what is there now, then every change until interrupted. */
export async function watchTargets(
  session: Session,
  args: readonly string[],
  flags: GetFlags,
): Promise<number> {
  const { targets } = await getTargets(session, args, flags)
  const [target] = targets
  if (targets.length !== 1 || !target) {
    throw new CommandError('you may only specify a single resource type')
  }
  const people = isForPeople(flags.output)
  const accept = people ? TABLE_ACCEPT : 'application/json'
  const show = people ? tableSink(session, target, flags) : await objectSink(session, flags)
  const query = listOptions(target)
  const path = resourcePath(
    target.resource,
    target.namespace,
    target.by === 'name' ? target.name : undefined,
  )
  const answer = await session.rest.object({
    method: 'GET',
    path,
    accept,
    ...(target.by === 'list' ? { query } : {}),
  })
  if (!flags.watchOnly) for (const object of initialObjects(answer)) show('ADDED', object)
  // A named object's own version is newer than nothing else: its watch starts there.
  const resourceVersion = answer.metadata.resourceVersion ?? versionOfFirstRow(answer)
  return follow(session, target, { ...query, resourceVersion }, accept, show)
}

type Show = (type: string, object: KubeObject) => void

function listOptions(target: Target): Record<string, string | undefined> {
  if (target.by === 'name') return { fieldSelector: `metadata.name=${target.name}` }
  return {
    labelSelector: target.selector || undefined,
    fieldSelector: target.fieldSelector || undefined,
  }
}

const initialObjects = (answer: KubeObject): KubeObject[] => {
  if (isTable(answer) || !Array.isArray(answer.items)) return [answer]
  const { items, apiVersion, kind = '' } = answer
  return (items as KubeObject[]).map((item) => ({
    apiVersion,
    kind: kind.replace(/List$/, ''),
    ...item,
  })) as KubeObject[]
}

const versionOfFirstRow = (answer: KubeObject): string | undefined =>
  isTable(answer) ? answer.rows?.[0]?.object?.metadata?.resourceVersion : undefined

async function follow(
  session: Session,
  target: Target,
  query: Record<string, string | undefined>,
  accept: string,
  show: Show,
): Promise<number> {
  const path = resourcePath(target.resource, target.namespace)
  const { signal, stop } = session.bounded()
  const events = session.rest.watch({ path, query, accept }, signal)
  try {
    for await (const batch of events) {
      for (const { type, object } of batch) {
        if (type === 'BOOKMARK') continue
        if (type === 'ERROR') throw watchError({ type, object })
        show(type, object)
      }
    }
  } catch (error) {
    if (error !== signal.reason) throw error
  } finally {
    stop()
  }
  return 0
}

const watchError = ({ object }: WatchEvent<KubeObject>): Error =>
  new StatusError(object as unknown as ConstructorParameters<typeof StatusError>[0])

function tableSink(session: Session, target: Target, flags: GetFlags): Show {
  const writer = new TabWriter(GET_LAYOUT, session.out.stdout)
  const printer = new TablePrinter(tableOptions(target.resource, flags), writer)
  let columns: Table['columnDefinitions'] = []
  return (type, object) => {
    const table = asTable(session, object)
    if ((table.columnDefinitions ?? []).length > 0) columns = table.columnDefinitions
    const whole = { ...table, columnDefinitions: columns }
    printer.print(flags.outputWatchEvents ? withEvent(whole, type) : whole)
    writer.flush()
  }
}

/** The table with the kind of event as its first column. */
const withEvent = (table: Table, type: string): Table => ({
  ...table,
  columnDefinitions: [{ name: 'Event', type: 'string' }, ...table.columnDefinitions],
  // Padded to the longest, so that later rows don't outgrow the first.
  rows: (table.rows ?? []).map((row) => ({ ...row, cells: [type.padEnd(8), ...row.cells] })),
})

async function objectSink(session: Session, flags: GetFlags): Promise<Show> {
  const printer = await objectPrinter(session, flags)
  return (type, object) => {
    // A name has nothing to say of the event.
    const asEvent = flags.outputWatchEvents && flags.output !== 'name'
    const shown = asEvent ? ({ type, object } as unknown as KubeObject) : object
    session.out.stdout(printer.print(shown))
  }
}
