const STEP = '  '

/**
 * The same JSON with line breaks and two spaces a level, as Go's encoder writes it for people. The
 * text is not parsed: keys keep their order and numbers their digits. Spaces around it are cut.
 */
export function indentJson(text: string): string {
  const parts: string[] = []
  let line = '\n'
  let start = 0
  const cut = (end: number, next: number, behind: string) => {
    parts.push(text.slice(start, end), behind)
    start = next
  }
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '"':
        i = endOfString(text, i)
        break
      case '{':
      case '[':
        // What is empty stays in one piece.
        if (text[i + 1] === '}' || text[i + 1] === ']') {
          i++
          break
        }
        line += STEP
        cut(i + 1, i + 1, line)
        break
      case '}':
      case ']':
        line = line.slice(0, -STEP.length)
        cut(i, i, line)
        break
      case ',':
        cut(i + 1, i + 1, line)
        break
      case ':':
        cut(i + 1, i + 1, ' ')
        break
    }
  }
  cut(text.length, text.length, '')
  return parts.join('').trim()
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (text[i] !== '"' && i < text.length) i += text[i] === '\\' ? 2 : 1
  return i
}
