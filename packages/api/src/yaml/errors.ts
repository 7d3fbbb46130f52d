import type { YAMLException } from 'js-yaml'

/** Text that is no YAML. The message is what Go's library says: `yaml: line 4: …`. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  /** One-based, where the mistake was found; the message sometimes counts otherwise. */
  readonly line: number | undefined
  readonly column: number | undefined

  constructor(message: string, place: { line?: number; column?: number } = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.line = place.line
    this.column = place.column
  }
}

/**
 * Go's library finds mistakes in two stages that count lines differently: the scanner says the
 * line, the parser the one before; and neither speaks of the first line by number.
 */
type Stage = 'scanner' | 'parser'

const TABLE: readonly (readonly [reason: RegExp, stage: Stage, message: string])[] = [
  [/^tab characters must not/, 'scanner', 'found character that cannot start any token'],
  [/^bad indentation of a mapping/, 'scanner', 'mapping values are not allowed in this context'],
  [
    /^bad indentation of a seq/,
    'scanner',
    'block sequence entries are not allowed in this context',
  ],
  [/^can not read a block mapping|^expected ':'/, 'scanner', "could not find expected ':'"],
  [
    /^(unexpected end|.*within a (single|double) quoted)/,
    'scanner',
    'found unexpected end of stream',
  ],
  [/^unknown escape/, 'scanner', 'found unknown escape character'],
  [/^expected hexadecimal/, 'scanner', 'did not find expected hexdecimal number'],
  [/^missed comma/, 'parser', "did not find expected ',' or ']'"],
  [/^expected the node content/, 'parser', 'did not find expected node content'],
  [/^end of the stream or/, 'parser', 'did not find expected <document start>'],
  [/^directives end mark/, 'parser', 'did not find expected <document start>'],
  [/^undeclared tag handle/, 'parser', 'found undefined tag handle'],
  [/^deficient indentation/, 'parser', 'did not find expected key'],
  [/non-printable|null byte|valid JSON character/, 'parser', 'control characters are not allowed'],
  [/^nesting exceeded/, 'parser', 'exceeded max depth of 10000'],
]

/** The words of Go's library for what js-yaml found wrong in `source`. */
export function asGoError(error: YAMLException, source: string): YamlError {
  const { reason, mark } = error
  const line = mark?.line ?? 0
  const place = { line: line + 1, column: (mark?.column ?? 0) + 1 }
  if (/control|non-printable|null byte/.test(reason))
    return new YamlError('yaml: control characters are not allowed', place, error)
  const [stage, message, at] = translate(reason, line, mark?.position ?? 0, source)
  const shown = stage === 'scanner' && at > 0 ? at + 1 : at
  const where = shown > 0 ? `line ${shown}: ` : ''
  return new YamlError(`yaml: ${where}${message}`, place, error)
}

function translate(
  reason: string,
  line: number,
  position: number,
  source: string,
): [Stage, string, number] {
  if (reason.includes('flow collection') && reason.startsWith('unexpected end')) {
    const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0)
    return ['parser', unfinishedFlow(source), lines]
  }
  if (/^[%@`]/.test(source.slice(position).trimStart()))
    return ['scanner', 'found character that cannot start any token', line]
  // A mapping that goes on at a column where no mapping began.
  if (reason.startsWith('bad indentation of a mapping') && isDedented(source, position))
    return ['parser', 'did not find expected key', line]
  for (const [pattern, stage, message] of TABLE)
    if (pattern.test(reason)) return [stage, message, line]
  return ['parser', reason, line]
}

/** What the innermost open bracket still waits for at the end. */
function unfinishedFlow(source: string): string {
  const last = source.trimEnd().at(-1) ?? ''
  if ('[,:'.includes(last)) return 'did not find expected node content'
  const inMapping = source.lastIndexOf('{') > source.lastIndexOf('[')
  return inMapping ? "did not find expected ',' or '}'" : "did not find expected ',' or ']'"
}

/** Whether the line at `position` is indented less than the one before it. */
function isDedented(source: string, position: number): boolean {
  const lines = source.slice(0, position).split('\n')
  const indent = (text: string) => text.length - text.trimStart().length
  const own = source.slice(position - (lines.at(-1)?.length ?? 0)).split('\n')[0] ?? ''
  const before = lines.slice(0, -1).findLast((text) => text.trim() !== '')
  return before !== undefined && indent(own) < indent(before)
}
