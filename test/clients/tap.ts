/** What a program said that speaks the Test Anything Protocol. */
export interface TapReport {
  readonly planned: number
  readonly passed: number
  /** Name and diagnostics of each check that failed. */
  readonly failures: readonly string[]
}

/** Reads `1..N`, `ok` and `not ok` lines; indented lines belong to the one before. */
export function readTap(text: string): TapReport {
  let planned = 0
  let passed = 0
  let isFailing = false
  const failures: string[] = []
  for (const line of text.split('\n')) {
    const plan = /^1\.\.(\d+)$/.exec(line)
    if (plan) planned = Number(plan[1])
    else if (line.startsWith('ok ')) passed++
    else if (line.startsWith('not ok ')) failures.push(line)
    else if (isFailing && line.startsWith('  ')) failures.push(`${failures.pop()}\n${line}`)
    isFailing = line.startsWith('not ok ') || (isFailing && line.startsWith('  '))
  }
  return { planned, passed, failures }
}
