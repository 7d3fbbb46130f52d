import { describe, expect, it, test } from 'vitest'
import { parseFlags } from './flags.js'

const given = (...args: string[]) => parseFlags(args).given

describe("flags are read as Go's flag package reads them", () => {
  test.each<[string[], object]>([
    [['--name', 'a'], { name: 'a' }],
    [['-name=a'], { name: 'a' }],
    [['--name='], { name: '' }],
    [['--pre-vote'], { 'pre-vote': true }],
    [['--pre-vote=false', '--name', 'a'], { 'pre-vote': false, name: 'a' }],
    [['--heartbeat-interval', '0x10'], { 'heartbeat-interval': 16 }],
    [['--quota-backend-bytes=-1'], { 'quota-backend-bytes': -1 }],
    [['--grpc-keepalive-interval=1h30m'], { 'grpc-keepalive-interval': 5_400_000 }],
    [['--grpc-keepalive-interval=1.5s'], { 'grpc-keepalive-interval': 1500 }],
    [['--grpc-keepalive-interval=0'], { 'grpc-keepalive-interval': 0 }],
    [['--log-outputs', 'stderr,x.log'], { 'log-outputs': ['stderr', 'x.log'] }],
    [
      ['--listen-client-urls', 'http://localhost:1,http://127.0.0.1:2'],
      { 'listen-client-urls': ['http://127.0.0.1:2', 'http://localhost:1'] },
    ],
    [['--listen-metrics-urls='], { 'listen-metrics-urls': [] }],
    [['--name', 'a', '--name', 'b'], { name: 'b' }],
    [
      ['--experimental-watch-progress-notify-interval=5s'],
      { 'watch-progress-notify-interval': 5000 },
    ],
  ])('%j', (args, values) => {
    expect(given(...args)).toEqual(values)
  })

  test.each([
    [['-foo'], 'flag provided but not defined: -foo'],
    [['---x'], 'bad flag syntax: ---x'],
    [['--name'], 'flag needs an argument: -name'],
    [['--pre-vote=maybe'], 'invalid boolean value "maybe" for -pre-vote: parse error'],
    [['--heartbeat-interval=abc'], 'invalid value "abc" for flag -heartbeat-interval: parse error'],
    [['--max-txn-ops=-1'], 'invalid value "-1" for flag -max-txn-ops: parse error'],
    [
      ['--heartbeat-interval=99999999999999999999'],
      'invalid value "99999999999999999999" for flag -heartbeat-interval: value out of range',
    ],
    [['--corrupt-check-time=5'], 'invalid value "5" for flag -corrupt-check-time: parse error'],
    [
      ['--initial-cluster-state', 'foo'],
      'invalid value "foo" for flag -initial-cluster-state: invalid value',
    ],
    [
      ['--listen-client-urls', 'foo'],
      'invalid value "foo" for flag -listen-client-urls: URL scheme must be http, https, unix, or unixs: foo',
    ],
    [
      ['--listen-client-urls', 'http://x'],
      'invalid value "http://x" for flag -listen-client-urls: URL address does not have the form "host:port": http://x',
    ],
    [
      ['--listen-client-urls', 'http://x:1/foo'],
      'invalid value "http://x:1/foo" for flag -listen-client-urls: URL must not contain a path: http://x:1/foo',
    ],
  ])('%j is refused: %s', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message)
  })

  it('what is no flag ends them', () => {
    expect(parseFlags(['--name', 'a', 'gateway', '--name', 'b'])).toMatchObject({
      given: { name: 'a' },
      rest: ['gateway', '--name', 'b'],
    })
    expect(parseFlags(['--name', 'a', '--', '--x']).rest).toEqual(['--x'])
  })

  it('help and version are asked instead of a start', () => {
    expect(parseFlags(['--help']).asked).toBe('help')
    expect(parseFlags(['-h', '--foo']).asked).toBe('help')
    expect(parseFlags(['--version']).asked).toBe('version')
    expect(parseFlags(['--version=false']).asked).toBeUndefined()
  })
})
