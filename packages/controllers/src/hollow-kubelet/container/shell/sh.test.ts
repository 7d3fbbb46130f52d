// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are a shell’s, not ours
import { BytePipe, ManualClock } from '@miniplane/api'
import { expect, it } from 'vitest'
import { execute } from '../execute.js'
import { FileSystem } from '../file-system.js'
import { Input } from '../input.js'
import { LiveClock } from '../live-clock.js'
import { programs } from '../programs/programs.js'
import { sh } from './sh.js'

async function run(script: string, stdin = '', signal = new AbortController().signal) {
  const clock = new ManualClock()
  const files = new FileSystem(1024 * 1024, clock.now())
  files.write('/etc/greeting', Buffer.from('hello\nworld\n'), clock.now())
  const [stdout, stderr] = [new BytePipe(), new BytePipe()]
  const texts = [stdout, stderr].map((pipe) => new Input(pipe).readAll(1024 * 1024))
  const code = await execute(sh, {
    args: ['sh', '-c', script, 'sh', 'first', 'second one'],
    env: new Map([
      ['HOME', '/root'],
      ['COLOUR', 'blue'],
    ]),
    directory: '/',
    stdin: Input.of(Buffer.from(stdin)),
    stdout,
    stderr,
    isTerminal: false,
    machine: {
      files,
      hostname: 'web',
      programs,
      processes: { count: 0 },
      clock: new LiveClock(clock, signal),
    },
  })
  stdout.end()
  stderr.end()
  const [out, err] = (await Promise.all(texts)).map((bytes) => Buffer.from(bytes).toString())
  return { code, out, err }
}

it.each<[script: string, out: string, code?: number]>([
  ['echo hi', 'hi\n'],
  ['echo one; echo two', 'one\ntwo\n'],
  ['echo -n a b', 'a b'],
  ['echo "a  b"  c', 'a  b c\n'],
  [`echo 'it is $COLOUR'`, 'it is $COLOUR\n'],
  ['echo "it is $COLOUR and ${COLOUR}ish"', 'it is blue and blueish\n'],
  ['echo ${NOTHING:-none} ${COLOUR:+some}', 'none some\n'],
  ['f=a.tar.gz; echo ${f%.gz} ${f%%.*} ${f#a.} ${#f}', 'a.tar a tar.gz 8\n'],
  ['false || echo no; true && echo yes', 'no\nyes\n'],
  ['false && echo never; echo $?', '1\n'],
  ['exit 3', '', 3],
  ['(exit 4); echo $?', '4\n'],
  ['! false; echo $?', '0\n'],
  ['if [ "$COLOUR" = blue ]; then echo sky; else echo sea; fi', 'sky\n'],
  ['expr 7 % 2 + 3 \\* 4; echo $?', '13\n0\n'],
  ['expr 3 - 3; echo $?', '0\n1\n'],
  ['expr \\( 1 + 2 \\) = 3 \\& 10 \\> 9; expr b \\> a; expr length five', '1\n1\n4\n'],
  ['if [ $(expr 3 % 2) -ne 0 ]; then exit 1; fi', '', 1],
  ['if test -f /none; then echo a; elif [ -d /etc ]; then echo b; fi', 'b\n'],
  ['for i in 1 2 3; do echo $i; done', '1\n2\n3\n'],
  ['for a; do echo "<$a>"; done', '<first>\n<second one>\n'],
  ['i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done', '0\n1\n2\n'],
  ['while true; do echo once; break; done', 'once\n'],
  ['for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done', '1\n3\n'],
  ['case abc in a*) echo A;; *) echo other;; esac', 'A\n'],
  ['greet() { echo "hi $1"; return 2; }; greet you; echo $?', 'hi you\n2\n'],
  ['echo $(echo inner | cat) `echo too`', 'inner too\n'],
  ['echo $((1 + 2 * 3)) $((7 / 2)) $(( (1+2) * 3 ))', '7 3 9\n'],
  ['cat /etc/greeting | head -n 1', 'hello\n'],
  ['echo text > /tmp/f; echo more >> /tmp/f; cat /tmp/f', 'text\nmore\n'],
  ['cat < /etc/greeting | wc -l', '2\n'],
  ['cat <<EOF\nit is $COLOUR\nEOF', 'it is blue\n'],
  ["cat <<'EOF'\nit is $COLOUR\nEOF\necho after", 'it is $COLOUR\nafter\n'],
  ['echo to-err >&2; echo out', 'out\n'],
  ['nothere 2>/dev/null; echo $?', '127\n'],
  ['cd /etc && pwd && cat greeting | grep w', '/etc\nworld\n'],
  ['ls /etc/gr*; echo *.none', '/etc/greeting\n*.none\n'],
  ['export X=1; env | grep ^X=; Y=2 printenv Y', 'X=1\n2\n'],
  ['X=1; env | grep ^X=', '', 1],
  ['echo a b c | { read x rest; echo "$rest $x"; }', 'b c a\n'],
  ['echo $0 $# "$@"', 'sh 2 first second one\n'],
  ['set -e; false; echo never', '', 1],
  ['set -- x y; echo $2; shift; echo $1', 'y\ny\n'],
  ['seq 3 | sort -r | tr "\\n" " "', '3 2 1 '],
  ['yes | head -n 2', 'y\ny\n'],
  ['printf "%s=%03d\\n" a 7 b 8', 'a=007\nb=008\n'],
  ['hostname; id -u; whoami', 'web\n0\nroot\n'],
  ['exec echo replaced; echo never', 'replaced\n'],
  ['# a comment\necho "#no comment" # but this', '#no comment\n'],
  ['echo one |\ncat &&\necho two', 'one\ntwo\n'],
  ['eval "echo \\$COLOUR"', 'blue\n'],
  ['mkdir -p /a/b && touch /a/b/c && ls /a/b && rm -r /a && ls /a', 'c\n', 1],
  ['echo x & wait; echo done', 'x\ndone\n'],
  ['echo "a\nb" | tail -n 1; echo abc | sed s/b/X/', 'b\naXc\n'],
  ['date +%Y-%m-%d', '2023-11-14\n'],
  ['test 1 -gt 2; echo $?; [ -n "" ]; echo $?', '1\n1\n'],
])('%s', async (script, out, code = 0) => {
  expect(await run(script)).toMatchObject({ out, code })
})

it.each<[script: string, err: string, code: number]>([
  ['foo', 'sh: foo: not found\n', 127],
  ['cat /none', 'cat: /none: No such file or directory\n', 1],
  ['echo "unfinished', 'sh: syntax error: unterminated quoted string\n', 2],
  ['echo a ; ; echo b', 'sh: syntax error: unexpected ";"\n', 2],
  ['cat < /none', "sh: can't open /none: no such file\n", 1],
  ['x=ab; while :; do x=$x$x; done', 'sh: out of memory\n', 2],
  ['cd /none', "sh: cd: can't cd to /none: No such file or directory\n", 2],
])('%s is refused', async (script, err, code) => {
  expect(await run(script)).toEqual({ out: '', err, code })
})

it('what multiplies is stopped', async () => {
  const { code, err } = await run('f() { f | f; }; f')
  expect(code).toBe(2)
  expect(err).toContain("sh: can't fork: Resource temporarily unavailable\n")
})

it('reads its commands from standard input', async () => {
  const { out } = await run('sh', 'echo one\nif true\nthen echo two\nfi\nread x\nthree\necho $x\n')
  expect(out).toBe('one\ntwo\nthree\n')
})

it('a loop without end is stopped, and others get their turn meanwhile', async () => {
  const abort = new AbortController()
  const clock = new ManualClock()
  const nowhere = { write: async () => undefined, end: () => undefined }
  const running = execute(sh, {
    args: ['sh', '-c', 'while :; do :; done'],
    env: new Map(),
    directory: '/',
    stdin: Input.empty(),
    stdout: nowhere,
    stderr: nowhere,
    isTerminal: false,
    machine: {
      files: new FileSystem(1000, 0),
      hostname: 'web',
      programs,
      processes: { count: 0 },
      clock: new LiveClock(clock, abort.signal),
    },
  })
  setImmediate(() => abort.abort())
  await expect(running).rejects.toThrow('killed')
})

it('a job that nobody waits for takes nothing else with it when it is killed', async () => {
  const rejected: unknown[] = []
  const note = (reason: unknown) => rejected.push(reason)
  process.on('unhandledRejection', note)
  const killed = new AbortController()
  const running = run('sleep 100 & (sleep 100; echo never) & echo hi', '', killed.signal)
  expect((await running).out).toBe('hi\n')
  killed.abort()
  await run('i=0; while [ $i -lt 300 ]; do sleep 9 & i=$((i+1)); done')
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(rejected).toEqual([])
})

it.each([
  ['a script that runs itself', 'echo "sh /tmp/s" > /tmp/s; sh /tmp/s', "can't fork"],
  ['a script that reads itself', 'echo ". /tmp/s" > /tmp/s; . /tmp/s', 'too many nested calls'],
  ['eval of itself', `x='eval "$x"'; eval "$x"`, 'too many nested calls'],
  ['a wide place', 'printf %900000000d 1 | wc -c; printf %4096d%4096d 1 2 | wc -c', ''],
  ['many files', 'for i in $(seq 11000); do : > /tmp/$i; done', 'No space left'],
  [
    'a long pattern',
    'v=$(printf %4096s | tr " " a); echo "${v%$(echo $v | sed s/a/*a/g)b}"',
    'too',
  ],
])('%s ends', { timeout: 20_000 }, async (_, script, problem) => {
  expect((await run(script)).err).toContain(problem)
})

it('names of nothing but slashes', async () => {
  const path = '/'.repeat(100_000)
  expect(await run(`basename ${path}x; dirname ${path}; basename a//`)).toMatchObject({
    out: 'x\n/\na\n',
  })
})

it('copies of a file that grows stay as they were', async () => {
  const script = [
    'echo one > /tmp/a; echo two >> /tmp/a; cp /tmp/a /tmp/b',
    'echo three >> /tmp/b; echo 3 >> /tmp/a; cat /tmp/a /tmp/b; rm -r /tmp/b; ls /tmp',
  ]
  expect((await run(script.join('\n'))).out).toBe('one\ntwo\n3\none\ntwo\nthree\na\n')
})
