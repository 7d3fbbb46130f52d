import { type ImportGraph, importGraph } from '../imports.js'
import type { Rule, Violation } from '../source.js'

/** Imports of types count too: two files that need each other's types are one thing, or three. */
export const cycleRule: Rule = {
  name: 'no import cycles',
  check: (files) => {
    const graph = importGraph(files)
    return cycles(graph).map((cycle): Violation => {
      const [first = '', second = first] = cycle
      return {
        path: first,
        line: graph.get(first)?.get(second) ?? 1,
        what: `import cycle ${[...cycle, first].join(' → ')}`,
        instead: 'move what both need into a file of its own',
      }
    })
  },
}

/** One cycle for each way back that a depth-first walk meets. */
function cycles(graph: ImportGraph): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string) => {
    const back = path.indexOf(file)
    if (back >= 0) found.push(path.slice(back))
    if (back >= 0 || done.has(file)) return
    path.push(file)
    for (const target of graph.get(file)?.keys() ?? []) visit(target)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return found
}
