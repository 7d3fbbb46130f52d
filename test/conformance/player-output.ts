/**
 * What each failing case differs in, from a player's output:
 *
 *     ✗ machinery/crud.json: get what is not there
 *        step 1 GET /api/v1/…
 *           body.message: want "a", got "b"
 *     machinery/crud.json: 11 passed, 1 failed
 */
export function differencesByCase(output: string, file: string): Map<string, string> {
  const found = new Map<string, string[]>()
  let block: string[] | undefined
  for (const line of output.split('\n')) {
    const head = `✗ ${file}: `
    if (line.startsWith(head)) {
      block = []
      found.set(line.slice(head.length), block)
    } else if (line.startsWith('   ')) block?.push(line)
    else block = undefined
  }
  return new Map([...found].map(([name, lines]) => [name, lines.join('\n')]))
}

/** True when the player came to the end of the file and summed it up. */
export function isComplete(output: string, file: string): boolean {
  return output.includes(`\n${file}: `) || output.startsWith(`${file}: `)
}
