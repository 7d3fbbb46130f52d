import type { Event, KubeList, KubeObject } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { eventAge } from '../describe/events.js'
import { CommandError } from '../errors/errors.js'
import { printerFor, printFlags } from '../printers/print-flags.js'
import { GET_LAYOUT, TabWriter } from '../printers/tab-writer.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'

const flags = {
  ...printFlags,
  allNamespaces: flag.bool('If present, list the requested object(s) across all namespaces.', {
    short: 'A',
  }),
  for: flag.string('Filter events to only those pertaining to the specified resource.'),
  noHeaders: flag.bool("When using the default output format, don't print headers."),
  types: flag.slice('Output only events of given types.'),
  watch: flag.bool('After listing the requested events, watch for more events.', { short: 'w' }),
}

type Flags = FlagValues<typeof flags>

const EVENTS = { group: '', version: 'v1', resource: 'events', namespaced: true }

export const events = defineCommand({
  usage:
    'events [(-o|--output=)json|yaml|name|go-template|...] [--for TYPE/NAME] [--watch] [--types=Normal,Warning] [options]',
  summary: 'List events',
  examples: ['kubectl events', 'kubectl events --for pod/web --watch'],
  flags,
  async run(session, { flags }) {
    if (flags.types.some((type) => !['normal', 'warning'].includes(type.toLowerCase()))) {
      throw new CommandError('valid --types are Normal or Warning')
    }
    const path = resourcePath(EVENTS, flags.allNamespaces ? undefined : session.namespace)
    const query = { fieldSelector: await selectorFor(session, flags.for) }
    const list = (await session.rest.object({ method: 'GET', path, query })) as unknown as KubeList
    const items = (list.items as unknown as Event[]).filter((event) => isWanted(event, flags))
    const sorted = items.sort((a, b) => timeOf(a) - timeOf(b))
    if (sorted.length === 0 && !flags.watch) return sayNone(session, flags)
    if (flags.output !== '') return printObjects(session, sorted, flags)
    const show = eventTable(session, flags)
    show(sorted)
    if (flags.watch)
      await follow(
        session,
        path,
        { ...query, resourceVersion: list.metadata.resourceVersion },
        flags,
        show,
      )
  },
})

async function selectorFor(session: Session, target: string): Promise<string | undefined> {
  if (target === '') return undefined
  const [type = '', name, ...more] = target.split('/')
  if (!name || more.length > 0) throw new CommandError('--for must be in resource/name form')
  const { kind } = (await session.mapper()).forResource(type)
  return `involvedObject.kind=${kind},involvedObject.name=${name}`
}

const isWanted = ({ type = '' }: Event, { types }: Flags): boolean =>
  types.length === 0 || types.some((one) => one.toLowerCase() === type.toLowerCase())

const timeOf = ({ series, lastTimestamp, eventTime, firstTimestamp }: Event): number =>
  Date.parse(
    series?.lastObservedTime ??
      lastTimestamp ??
      eventTime ??
      firstTimestamp ??
      '1970-01-01T00:00:00Z',
  )

function sayNone(session: Session, flags: Flags): void {
  session.out.stderr(
    flags.allNamespaces
      ? 'No events found.\n'
      : `No events found in ${session.namespace} namespace.\n`,
  )
}

async function printObjects(
  session: Session,
  items: readonly Event[],
  flags: Flags,
): Promise<void> {
  const printer = await printerFor({ ...flags, folder: session.environment.folder })
  const typed = items.map((item) => ({ ...item, apiVersion: 'v1', kind: 'Event' }))
  const list = { apiVersion: 'v1', kind: 'EventList', metadata: {}, items: typed }
  session.out.stdout(printer.print(list as unknown as KubeObject))
}

function eventTable(session: Session, flags: Flags): (events: readonly Event[]) => void {
  const writer = new TabWriter(GET_LAYOUT, session.out.stdout)
  const namespace = (text: string) => (flags.allNamespaces ? `${text}\t` : '')
  let titled = flags.noHeaders
  return (events) => {
    if (!titled) writer.write(`${namespace('NAMESPACE')}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`)
    titled = true
    for (const event of events) {
      const { kind, name } = event.involvedObject ?? {}
      const age = eventAge(event, session.clock.now())
      writer.write(
        `${namespace(event.metadata.namespace ?? '')}${age}\t${event.type}\t${event.reason}\t${kind}/${name}\t${(event.message ?? '').trim()}\n`,
      )
    }
    writer.flush()
  }
}

async function follow(
  session: Session,
  path: string,
  query: Record<string, string | undefined>,
  flags: Flags,
  show: (events: readonly Event[]) => void,
): Promise<void> {
  for await (const batch of session.rest.watch({ path, query }, session.signal)) {
    const changed = batch.filter(({ type }) => type === 'ADDED' || type === 'MODIFIED')
    const objects = changed.map(({ object }) => object as unknown as Event)
    show(objects.filter((event) => isWanted(event, flags)))
  }
}
