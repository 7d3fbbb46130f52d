import type { KubeObject, OwnerReference } from '@miniplane/api'
import { controllerOf } from '@miniplane/api'
import { LAST_APPLIED } from '../apply/last-applied.js'
import type { DescribeWriter } from './writer.js'

/** Annotations longer than this get lines of their own. */
const ANNOTATION_CHARACTERS_MAX = 140

const sorted = (map: Readonly<Record<string, string>> | undefined): [string, string][] =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))

/** A title and a line for each label, or `<none>`. */
export function writeLabels(
  writer: DescribeWriter,
  title: string,
  labels: Readonly<Record<string, string>> | undefined,
): void {
  const lines = sorted(labels).map(([key, value]) => `${key}=${value}`)
  writeList(writer, title, lines)
}

/** A title and a line for each item, or `<none>`. */
export function writeList(writer: DescribeWriter, title: string, lines: readonly string[]): void {
  if (lines.length === 0) writer.line(0, `${title}:\t<none>`)
  for (const [at, line] of lines.entries()) {
    writer.line(0, at === 0 ? `${title}:\t${line}` : `\t${line}`)
  }
}

export function writeAnnotations(
  writer: DescribeWriter,
  title: string,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  const shown = sorted(annotations).filter(([key]) => key !== LAST_APPLIED)
  if (shown.length === 0) writer.line(0, `${title}:\t<none>`)
  for (const [at, [key, raw]] of shown.entries()) {
    const value = raw.replace(/\n$/, '')
    const start = at === 0 ? `${title}:\t` : '\t'
    const isLong = value.length + key.length + 2 > ANNOTATION_CHARACTERS_MAX
    if (!isLong && !value.includes('\n')) {
      writer.line(0, `${start}${key}: ${value}`)
      continue
    }
    writer.line(0, `${start}${key}:`)
    for (const line of value.split('\n')) {
      writer.line(0, `\t  ${shorten(line, ANNOTATION_CHARACTERS_MAX - 2)}`)
    }
  }
}

const shorten = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max)}...` : text

/** Name, namespace, labels and annotations: how most descriptions begin. */
export function writeIdentity(writer: DescribeWriter, { metadata }: KubeObject): void {
  writer.field('Name', metadata.name)
  if (metadata.namespace) writer.field('Namespace', metadata.namespace)
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

/** `Mon, 02 Jan 2006 15:04:05 +0000`, in local time. */
export function longTime(time: string | null | undefined): string {
  const at = new Date(time ?? '0001-01-01T00:00:00Z')
  const offset = -at.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`
  const date = `${DAYS[at.getDay()]}, ${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone}`
}

/** `ReplicaSet/web-5d9`, or undefined. */
export function controlledBy(object: KubeObject): string | undefined {
  const owner: OwnerReference | undefined = controllerOf(object)
  return owner ? `${owner.kind}/${owner.name}` : undefined
}

export const goBool = (value: boolean | undefined): string => (value ? 'True' : 'False')

/** A map selector as text, or `<none>`. */
export const mapSelector = (selector: Readonly<Record<string, string>> | undefined): string =>
  sorted(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || '<none>'
