import {
  BytePipe,
  eventLoopTurn,
  Ledger,
  type LogOptions,
  ManualClock,
  type NodeConnection,
  type Pod,
  seededRandom,
} from '@miniplane/api'
import { silentLog } from '@miniplane/client'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeApi } from '../../fake-api.suite.js'
import { type HollowNodes, startHollowNodes } from '../hollow-nodes.js'

let running: HollowNodes | undefined
afterEach(() => running?.stop())

async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await eventLoopTurn()
}

const START_MS = 1_700_000_000_000

async function begin(pod: Partial<Pod>, container: object = {}) {
  const api = new FakeApi()
  const clock = new ManualClock(START_MS)
  const nodes = startHollowNodes({
    transport: () => api,
    clock,
    random: seededRandom(1),
    ledger: new Ledger(),
    log: silentLog,
  })
  running = nodes
  await settled()
  const whole = {
    ...pod,
    metadata: { name: 'p', namespace: 'default', uid: 'u', ...pod.metadata },
    spec: {
      nodeName: 'node-1',
      restartPolicy: 'Always',
      ...pod.spec,
      containers: [{ name: 'c', image: 'i', resources: {}, ...container }],
    },
    status: { phase: 'Pending' },
  }
  const path = '/api/v1/namespaces/default/pods'
  await api.request({ method: 'POST', path, body: whole })
  await settled()
  const advance = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  const remove = async () => {
    await api.request({ method: 'DELETE', path: `${path}/p`, body: { gracePeriodSeconds: 0 } })
    await settled()
  }
  const node = () => nodes.dial('node-1') as NodeConnection
  return { api, clock, nodes, node, advance, remove }
}

const TARGET = { namespace: 'default', pod: 'p', container: 'c' }
const LOG: LogOptions = { follow: false, previous: false, timestamps: false }
const TICKS = { command: ['sh', '-c', 'i=0; while true; do i=$((i+1)); echo $i; sleep 1; done'] }
const ALL = { stdin: true, stdout: true, stderr: true, tty: false }

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const bytes of source) text += Buffer.from(bytes)
  return text
}
const never = new AbortController().signal
const logOf = (node: NodeConnection, options: Partial<LogOptions> = {}) =>
  textOf(node.log(TARGET, { ...LOG, ...options })(never))

describe('logs', () => {
  it('are what the command printed until now, whenever somebody asks', async () => {
    const { node, advance } = await begin({}, TICKS)
    expect(await logOf(node())).toBe('1\n')
    await advance(3_500)
    expect(await logOf(node())).toBe('1\n2\n3\n4\n')
    expect(await logOf(node(), { tailLines: 2 })).toBe('3\n4\n')
    expect(await logOf(node(), { tailLines: 0 })).toBe('')
    expect(await logOf(node(), { limitBytes: 3 })).toBe('1\n2')
    expect(await logOf(node(), { sinceMs: START_MS + 1_500 })).toBe('3\n4\n')
    expect(await logOf(node(), { tailLines: 1, timestamps: true })).toBe('2023-11-14T22:13:23Z 4\n')
  })

  it('are followed until the container ends', async () => {
    const { node, advance, remove } = await begin({}, TICKS)
    await advance(1_500)
    const followed = logOf(node(), { follow: true, tailLines: 1 })
    await settled()
    await advance(1_000)
    await advance(1_000)
    await remove()
    expect(await followed).toBe('2\n3\n4\n')
  })

  it('of a container that ended are what it printed while it lived', async () => {
    const metadata = { annotations: { 'miniplane/run-duration': '2.5s' } }
    const spec = { restartPolicy: 'Never' } as Pod['spec']
    const { node, advance } = await begin({ metadata, spec }, TICKS)
    await advance(60_000)
    expect(await logOf(node())).toBe('1\n2\n3\n')
    expect(await logOf(node(), { follow: true })).toBe('1\n2\n3\n')
  })

  it('of the run before this one', async () => {
    const metadata = { annotations: { 'miniplane/run-duration': '1.5s' } }
    const { node, advance } = await begin({ metadata }, TICKS)
    expect(() => node().log(TARGET, { ...LOG, previous: true })).toThrow(
      'previous terminated container "c" in pod "p" not found',
    )
    await advance(1_500)
    expect(await logOf(node())).toBe('1\n')
    expect(await logOf(node(), { previous: true })).toBe('1\n2\n')
  })

  it('of a container that waits are refused', async () => {
    const failing = await begin({ metadata: { annotations: { 'miniplane/image-pull': 'fail' } } })
    expect(() => failing.node().log(TARGET, LOG)).toThrow(
      `container "c" in pod "p" is waiting to start: image can't be pulled`,
    )
  })

  it('are what an annotation says', async () => {
    const { node } = await begin({ metadata: { annotations: { 'miniplane/log': 'said\nso' } } })
    expect(await logOf(node())).toBe('said\nso')
  })

  it('a command that never sleeps does not hang who asks', async () => {
    const { node } = await begin({}, { command: ['sh', '-c', 'while :; do :; done'] })
    expect(await logOf(node())).toBe('')
  })
})

async function exec(node: NodeConnection, command: string[], input = '', signal = never) {
  const [stdin, stdout, stderr] = [new BytePipe(), new BytePipe(), new BytePipe()]
  const texts = [textOf(stdout), textOf(stderr)]
  if (input !== '') await stdin.write(Buffer.from(input))
  stdin.end()
  const status = await node.exec(TARGET, command, ALL).run({ stdin, stdout, stderr, signal })
  stdout.end()
  stderr.end()
  const [out, err] = await Promise.all(texts)
  return { out, err, status }
}

describe('exec', () => {
  it('finds what the container’s own command wrote, and what others did', async () => {
    const { node } = await begin({}, { command: ['sh', '-c', 'echo mine > /tmp/own; sleep 100'] })
    await exec(node(), ['sh', '-c', 'echo more >> /tmp/own'])
    expect((await exec(node(), ['cat', '/tmp/own'])).out).toBe('mine\nmore\n')
  })

  it('tells the exit code as a cause', async () => {
    const { node } = await begin({})
    expect((await exec(node(), ['sh', '-c', 'exit 3'])).status).toEqual({
      metadata: {},
      status: 'Failure',
      reason: 'NonZeroExitCode',
      message:
        'command terminated with non-zero exit code: error executing command [sh -c exit 3], exit code 3',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  it.each<[string, (plane: Awaited<ReturnType<typeof begin>>, gone: AbortController) => unknown]>([
    ['the client', (_, gone) => gone.abort()],
    ['the Pod', ({ remove }) => remove()],
    ['the node', ({ nodes }) => nodes.stopNode('node-1')],
  ])('ends when %s goes', async (_, go) => {
    const plane = await begin({})
    const gone = new AbortController()
    const waiting = exec(plane.node(), ['sleep', '100'], '', gone.signal)
    await settled()
    await go(plane, gone)
    expect((await waiting).status).toMatchObject({
      details: { causes: [{ reason: 'ExitCode', message: '137' }] },
    })
  })

  it('waits by the plane’s clock', async () => {
    const { node, advance } = await begin({})
    const waiting = exec(node(), ['sh', '-c', 'sleep 3600; date +%s'])
    await settled()
    await advance(3_600_000)
    expect((await waiting).out).toBe(`${START_MS / 1000 + 3600}\n`)
  })

  it('nobody answers on a dark node', async () => {
    const { nodes } = await begin({})
    nodes.stopNode('node-1')
    expect(nodes.dial('node-1')).toBeUndefined()
    expect(nodes.dial('node-9')).toBeUndefined()
  })
})

describe('attach', () => {
  it('shows what is printed from now on', async () => {
    const { node, advance, remove } = await begin({}, TICKS)
    await advance(1_500)
    const stdout = new BytePipe()
    const shown = textOf(stdout)
    const ended = node()
      .attach(TARGET, { ...ALL, stdin: false })
      .run({ stdout, signal: never })
    await settled()
    await advance(1_000)
    await remove()
    await ended
    stdout.end()
    expect(await shown).toBe('3\n')
  })

  it('is the input of a container that takes some, which ends with it', async () => {
    const spec = { restartPolicy: 'Never' } as Pod['spec']
    const { node, api, advance } = await begin({ spec }, { stdin: true, command: ['sh'] })
    const [stdin, stdout] = [new BytePipe(), new BytePipe()]
    const ended = node().attach(TARGET, ALL).run({ stdin, stdout, signal: never })
    await settled()
    await advance(60_000)
    await stdin.write(Buffer.from('exit 4\n'))
    expect(await ended).toEqual({ metadata: {}, status: 'Success' })
    await settled()
    const [pod] = api.objects<Pod>('/api/v1/pods')
    expect(pod?.status).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 4 } } }],
    })
  })
})

describe('a container that ends by itself', () => {
  const never = { restartPolicy: 'Never' } as Pod['spec']
  const exits = { 'miniplane/exit-code': '7' }
  const short = { 'miniplane/run-duration': '1s' }

  it.each([
    ['with what its command ends with', ['sh', '-c', 'echo x; sleep 0.2; exit 3'], {}, 3],
    ['well, when its command does', ['true'], {}, 0],
    ['as its program does', ['false'], {}, 1],
    ['well, when it is ended before its command', ['sh', '-c', 'sleep 60; exit 3'], short, 0],
    ['well, when nobody here knows the program', ['python', 'train.py'], {}, 0],
    ['well, when a shell does not know it either', ['sh', '-c', 'python train.py'], {}, 0],
    ['as its annotation says', ['sh', '-c', 'exit 3'], exits, 7],
  ])('ends %s', async (_, command, annotations, exitCode) => {
    const { api, advance } = await begin({ metadata: { annotations }, spec: never }, { command })
    await advance(2_000)
    const [pod] = api.objects<Pod>('/api/v1/pods')
    expect(pod?.status).toMatchObject({
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode } } }],
    })
  })

  it.each([
    ['as long as its command', ['sh', '-c', 'sleep 60; exit 3'], 59_000, 2_000, 'Failed'],
    ['for ever, when its command does', ['sleep', 'infinity'], 3_600_000, 3_600_000, 'Running'],
    ['for ever in a loop', ['sh', '-c', 'while true; do sleep 5; done'], 60_000, 60_000, 'Running'],
  ])('runs %s', async (_, command, beforeMs, thenMs, phase) => {
    const { api, advance } = await begin({ spec: never }, { command })
    const phases = () => api.objects<Pod>('/api/v1/pods').map(({ status }) => status.phase)
    await advance(beforeMs)
    expect(phases()).toEqual(['Running'])
    await advance(thenMs)
    expect(phases()).toEqual([phase])
  })
})

it('a container has the token of its service account among its files', async () => {
  const order = { path: 'token', audience: 'vault', expirationSeconds: 3607 }
  const sources = [{ serviceAccountToken: order }]
  const spec = {
    serviceAccountName: 'robot',
    volumes: [{ name: 'access', projected: { sources } }],
  } as unknown as Pod['spec']
  const mounted = { volumeMounts: [{ name: 'access', mountPath: '/run/secrets' }] }
  const { node, api } = await begin({ spec }, { ...mounted, command: ['sleep', '60'] })
  api.intercept = ({ path }) =>
    path.endsWith('/serviceaccounts/robot/token')
      ? { status: 201, headers: {}, text: () => '', object: { status: { token: 'secret' } } }
      : undefined
  expect((await exec(node(), ['cat', '/run/secrets/token'])).out).toBe('secret')
  const [{ body } = {}] = api.writes('POST', /\/token$/)
  expect(body).toMatchObject({
    spec: {
      audiences: ['vault'],
      expirationSeconds: 3607,
      boundObjectRef: { kind: 'Pod', name: 'p', uid: 'u' },
    },
  })
})
