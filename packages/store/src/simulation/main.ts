import { parseArgs } from 'node:util'
import { systemClock } from '../server/system-clock.js'
import { settingsOf } from './settings.js'
import { simulate } from './simulation.js'

const HELP = `Runs whole clusters on a simulated clock, network and disk. Everything follows from a seed.

  --seeds N     so many runs (default: as many as the time allows)
  --minutes M   for so long (default 1, unless --seeds is given)
  --from S      the first seed (default: by the time)
  --seed S      one run, with its story
`

/** What a report says in one line. */
type Report = Awaited<ReturnType<typeof simulate>>

const sum = { runs: 0, failed: 0, operations: 0, watchEvents: 0, renewals: 0, events: 0 }

function add(report: Report): void {
  sum.runs++
  sum.operations += report.operations
  sum.watchEvents += report.watchEvents
  sum.renewals += report.renewals
  sum.events += report.events
  if (report.violations.length === 0) return
  sum.failed++
  console.error(`\nseed ${report.seed} fails:`)
  for (const violation of report.violations) console.error(`  ${violation}`)
  console.error(`  the story: npm run simulate -- --seed ${report.seed}`)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      minutes: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (values.seed !== undefined) {
    const seed = number('--seed', values.seed)
    add(await simulate({ ...settingsOf(seed), tell: (line) => console.log(line) }))
    return sum.failed
  }
  const seeds = values.seeds === undefined ? Infinity : number('--seeds', values.seeds)
  const minutes = number('--minutes', values.minutes ?? (values.seeds === undefined ? '1' : '1e6'))
  const began = Math.floor(systemClock.now())
  const first = values.from === undefined ? began % 0x7fff_ffff : number('--from', values.from)
  const elapsed = () => (Math.floor(systemClock.now()) - began) / 60_000
  for (let seed = first; sum.runs < seeds && elapsed() < minutes; seed++) {
    add(await simulate(settingsOf(seed)))
    showProgress(seed)
  }
  console.log(
    `${sum.runs} runs from seed ${first} in ${elapsed().toFixed(1)} minutes: ${sum.failed} failed; ` +
      `${sum.operations} operations, ${sum.watchEvents} watch events, ${sum.renewals} keep-alives, ` +
      `${sum.events} events`,
  )
  return sum.failed
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new Error(`${name} needs a number, not ${JSON.stringify(text)}`)
}

function showProgress(seed: number): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${sum.runs} runs, seed ${seed}, ${sum.failed} failed `)
}

try {
  process.exitCode = (await main()) === 0 ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
