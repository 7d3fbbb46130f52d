/** Breaks lines at spaces so that none is longer than `width`, if its words allow. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width))
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const [, spaces = '', word = ''] of line.matchAll(/(\s*)(\S+)/g)) {
    const extended = current + spaces + word
    if (extended.length > width && current !== '') {
      lines.push(current)
      current = word
    } else current = extended
  }
  lines.push(current)
  return lines
}
