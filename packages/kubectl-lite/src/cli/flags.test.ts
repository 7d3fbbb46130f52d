import { describe, expect, it } from 'vitest'
import { flag, parseFlags } from './flags.js'

const specs = {
  output: flag.string('', { short: 'o' }),
  watch: flag.bool('', { short: 'w' }),
  replicas: flag.int(''),
  timeout: flag.duration(''),
  filename: flag.slice('', { short: 'f' }),
  fromLiteral: flag.array(''),
  dryRun: flag.string('', { default: 'none', alone: 'unchanged' }),
}

const parse = (line: string) => parseFlags(line.split(' '), specs)

describe('flags as pflag reads them', () => {
  it.each([
    ['pods -o yaml', { output: 'yaml' }],
    ['pods -oyaml', { output: 'yaml' }],
    ['pods -o=yaml', { output: 'yaml' }],
    ['pods --output yaml', { output: 'yaml' }],
    ['pods --output=yaml', { output: 'yaml' }],
    ['pods -wo yaml', { watch: true, output: 'yaml' }],
    ['pods --watch=false', { watch: false }],
    ['pods --replicas -3', { replicas: -3 }],
    ['pods --timeout 1m30s', { timeout: 90_000 }],
    ['-f a,b -f c', { filename: ['a', 'b', 'c'] }],
    ['--from-literal a=1,2 --from-literal b=3', { fromLiteral: ['a=1,2', 'b=3'] }],
    ['--dry-run', { dryRun: 'unchanged' }],
    ['--dry-run=client', { dryRun: 'client' }],
  ])('%s', (line, expected) => {
    expect(parse(line).values).toMatchObject(expected)
  })

  it('takes flags between arguments, and nothing behind --', () => {
    const parsed = parse('run web -w x -- -o yaml')
    expect(parsed.args).toEqual(['run', 'web', 'x', '-o', 'yaml'])
    expect(parsed.dashAt).toBe(3)
    expect([...parsed.given]).toEqual(['watch'])
  })

  it.each([
    ['--nosuch', 'unknown flag: --nosuch'],
    ['--nosuch=1', 'unknown flag: --nosuch'],
    ['-Z', "unknown shorthand flag: 'Z' in -Z"],
    ['-wZx', "unknown shorthand flag: 'Z' in -Zx"],
    ['pods --output', 'flag needs an argument: --output'],
    ['create -f', "flag needs an argument: 'f' in -f"],
    [
      '--replicas=many',
      'invalid argument "many" for "--replicas" flag: strconv.ParseInt: parsing "many": invalid syntax',
    ],
    [
      '-w=maybe',
      'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [
      '--timeout=soon',
      'invalid argument "soon" for "--timeout" flag: time: invalid duration "soon"',
    ],
  ])('refuses %s', (line, message) => {
    expect(() => parse(line)).toThrow(message)
  })
})
