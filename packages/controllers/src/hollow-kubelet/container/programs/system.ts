import { type Program, ProgramError, print } from '../process.js'

const env: Program = async ({ env: variables, stdout }) => {
  await print(stdout, [...variables].map(([name, value]) => `${name}=${value}\n`).join(''))
  return 0
}

const printenv: Program = async (process) => {
  const names = process.args.slice(1)
  if (names.length === 0) return env(process)
  const values = names.map((name) => process.env.get(name))
  await print(process.stdout, values.map((one) => (one === undefined ? '' : `${one}\n`)).join(''))
  return values.includes(undefined) ? 1 : 0
}

const UNITS_MS: Readonly<Record<string, number>> = {
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
/** A timer takes no longer than 24 days. */
const SLEEP_MS_MAX = 2 ** 31 - 1

const sleep: Program = async ({ args, machine }) => {
  if (args.length < 2) throw new ProgramError('missing operand')
  let ms = 0
  for (const word of args.slice(1)) {
    if (word === 'infinity' || word === 'inf') ms = SLEEP_MS_MAX
    const [, number, unit = ''] = /^(\d*\.?\d+)([smhd]?)$/.exec(word) ?? []
    if (number === undefined && ms === 0) throw new ProgramError(`invalid number '${word}'`)
    ms += Number(number ?? 0) * (UNITS_MS[unit] ?? 0)
  }
  await machine.clock.sleep(Math.min(ms, SLEEP_MS_MAX))
  return 0
}

const said =
  (text: (process: Parameters<Program>[0]) => string): Program =>
  async (process) => {
    await print(process.stdout, `${text(process)}\n`)
    return 0
  }

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (number: number): string => String(number).padStart(2, '0')

/** In UTC, as containers are. */
function dateText(ms: number, format = '%a %b %e %H:%M:%S UTC %Y'): string {
  const date = new Date(ms)
  const fields: Readonly<Record<string, () => string>> = {
    a: () => DAYS[date.getUTCDay()] ?? '',
    b: () => MONTHS[date.getUTCMonth()] ?? '',
    d: () => two(date.getUTCDate()),
    e: () => String(date.getUTCDate()).padStart(2),
    F: () => date.toISOString().slice(0, 10),
    H: () => two(date.getUTCHours()),
    M: () => two(date.getUTCMinutes()),
    m: () => two(date.getUTCMonth() + 1),
    N: () => String(Math.round((ms % 1000) * 1e6)).padStart(9, '0'),
    S: () => two(date.getUTCSeconds()),
    s: () => String(Math.floor(ms / 1000)),
    T: () => date.toISOString().slice(11, 19),
    Y: () => String(date.getUTCFullYear()),
    Z: () => 'UTC',
    z: () => '+0000',
  }
  return format.replace(/%([A-Za-z%])/g, (whole, letter: string) =>
    letter === '%' ? '%' : (fields[letter]?.() ?? whole),
  )
}

const date = said(({ args, machine }) => {
  const format = args.find((word) => word.startsWith('+'))
  const iso = args.some((word) => /^-(I|-iso-8601)/.test(word)) ? '%FT%T+00:00' : undefined
  return dateText(machine.clock.now(), format?.slice(1) ?? iso)
})

export const systemPrograms: Readonly<Record<string, Program>> = {
  env,
  printenv,
  sleep,
  date,
  hostname: said(({ machine }) => machine.hostname),
  pwd: said(({ directory }) => directory),
  whoami: said(() => 'root'),
  id: said(({ args }) => (args[1] === '-u' ? '0' : 'uid=0(root) gid=0(root) groups=0(root)')),
  nproc: said(() => '1'),
  uname: said(({ args, machine }) =>
    args[1] === '-a' ? `Linux ${machine.hostname} 6.12.0-hollow #1 SMP x86_64 GNU/Linux` : 'Linux',
  ),
  true: async () => 0,
  false: async () => 1,
}
