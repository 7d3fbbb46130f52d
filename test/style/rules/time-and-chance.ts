import { blank } from '../scan.js'
import { isCode, matches, type Rule } from '../source.js'

const CLOCK = "use the Clock that is handed in (a Ledger's work is counted with it)"
const RANDOM = 'use the Random that is handed in'

/** A name that is global: not `clock.setTimeout`, but also `globalThis.setTimeout`. */
const global = (names: string) =>
  new RegExp(`(?:\\bglobalThis\\.|(?<![.\\w$]))(?:${names})(?![\\w$])`, 'g')

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/g, CLOCK],
  [/\bnew\s+Date\b(?!\s*\(\s*[^\s)])(\s*\(\s*\))?/g, CLOCK],
  [/(?<!new\s+)(?<![.\w$])Date\s*\(/g, CLOCK],
  [global('setTimeout|setInterval'), CLOCK],
  [/\bprocess\.hrtime\b/g, CLOCK],
  [/\bperformance\.(now|timeOrigin)\b/g, CLOCK],
  [/\bAbortSignal\.timeout\b/g, CLOCK],
  [/\bMath\.random\b/g, RANDOM],
  [/\b(randomUUID|randomBytes|randomInt|getRandomValues)\b/g, RANDOM],
]
// A test may let the event loop turn until all that is due has run.
const TURN = global('setImmediate')
const TIMER_MODULES = /(['"])(node:)?timers(\/promises)?\1/g

/** The modules that turn the machine's time and chance into a Clock and a Random. */
const SOURCES = /^packages\/[^/]+\/src\/(.*\/)?(clock|chance|[^/]*(clock|random)[^/]*\.ts$)/

/** The same seed and the same clock must give the same bytes, so neither is taken from the air. */
export const timeAndChanceRule: Rule = {
  name: 'time and chance are handed in',
  check: (files) =>
    files
      .filter((file) => isCode(file) && /^packages\/[^/]+\/src\//.test(file.path))
      .filter(({ path }) => !SOURCES.test(path))
      .flatMap(({ path, text }) => {
        const code = blank(text, { comments: true, strings: true })
        const withStrings = blank(text, { comments: true })
        return [
          ...FORBIDDEN.flatMap(([pattern, instead]) => matches(path, code, pattern, instead)),
          ...(path.endsWith('.test.ts') ? [] : matches(path, code, TURN, CLOCK)),
          ...matches(path, withStrings, TIMER_MODULES, CLOCK),
        ]
      }),
}
