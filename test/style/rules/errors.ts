import { blank } from '../scan.js'
import { isCode, matches, type Rule } from '../source.js'

const EMPTY = [
  /\bcatch\s*(\([^)]*\)\s*)?\{\s*\}/g,
  /\.catch\(\s*(async\s*)?\([^)]*\)\s*=>\s*(\{\s*\}|undefined|null)\s*,?\s*\)/g,
]

/** An error that vanishes costs a day later. A comment in the braces is the reason it may. */
export const emptyCatchRule: Rule = {
  name: 'no error vanishes without a word',
  check: (files) =>
    files.filter(isCode).flatMap(({ path, text }) => {
      const code = blank(text, { strings: true })
      const instead = 'handle it, rethrow it with { cause }, or say in a comment there why not'
      return EMPTY.flatMap((pattern) => matches(path, code, pattern, instead))
    }),
}
