import { YamlError } from './errors.js'

export interface YamlDocument {
  readonly text: string
  /** One-based line of the stream on which the document's text begins. */
  readonly firstLine: number
}

/**
 * Cuts a stream at its `---` lines as kubectl does, before anything is parsed: lines in messages
 * count from the beginning of their document. Documents without a line are left out.
 */
export function splitYamlDocuments(text: string): YamlDocument[] {
  const documents: YamlDocument[] = []
  let lines: string[] = []
  let firstLine = 1
  const finish = () => {
    if (lines.length > 0) documents.push({ text: lines.join('\n'), firstLine })
    lines = []
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.startsWith('---')) {
      lines.push(line)
      continue
    }
    const rest = line.slice(3).trim()
    if (rest !== '' && !rest.startsWith('#'))
      throw new YamlError(`invalid Yaml document separator: ${rest}`, { line: index, column: 0 })
    finish()
    firstLine = index + 2
  }
  if (lines.length > 1 || lines[0] !== '') finish()
  return documents
}
