import { type Container, ManualClock, type Pod, seededRandom } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import { advance } from './advance.js'
import { type PodRun, podRun, refresh } from './pod-run.js'
import { podStatus } from './pod-status.js'

interface Given {
  readonly restartPolicy?: string
  readonly annotations?: Record<string, string>
  readonly init?: readonly Partial<Container>[]
  readonly containers?: readonly Partial<Container>[]
  readonly spec?: Partial<Pod['spec']>
}

const container = (given: Partial<Container>): Container => ({
  name: 'main',
  image: 'app:1',
  resources: {},
  ...given,
})

const podOf = (given: Given): Pod => ({
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u1',
    generation: 1,
    annotations: given.annotations ?? {},
  },
  spec: {
    restartPolicy: given.restartPolicy ?? 'Always',
    containers: (given.containers ?? [{}]).map(container),
    ...(given.init ? { initContainers: given.init.map(container) } : {}),
    ...given.spec,
  },
  status: { phase: 'Pending' },
})

/** Plays a Pod's life and writes down what `kubectl get pod` would show, whenever it changes. */
function story(given: Given, forMs: number): string[] {
  const clock = new ManualClock()
  const startMs = clock.now()
  const run = podRun({
    pod: podOf(given),
    podIP: '10.244.0.2',
    hostIP: '172.18.0.2',
    nowMs: startMs,
  })
  const lines: string[] = []
  const look = () => {
    const wakeAtMs = advance(run, clock.now(), seededRandom(1))
    const line = summary(run, clock.now())
    if (!lines.at(-1)?.endsWith(`: ${line}`)) lines.push(`${clock.now() - startMs}: ${line}`)
    if (wakeAtMs !== undefined) clock.setTimer(wakeAtMs - clock.now(), look)
  }
  look()
  clock.advance(forMs)
  return lines
}

function summary(run: PodRun, nowMs: number): string {
  const status = podStatus(run, {}, nowMs)
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  const containers = all.map(({ name, state, ready, restartCount }) => {
    const { waiting, terminated } = state
    const word = waiting?.reason ?? (terminated ? `${terminated.reason}` : 'running')
    return `${name}=${word}${ready ? '+' : ''}${restartCount ? `/${restartCount}` : ''}`
  })
  const isReady = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  return `${status.phase}${isReady ? ' ready' : ''} ${containers.join(' ')}`
}

describe('without a script', () => {
  test('a Pod that restarts for ever is ready at once and stays so', () => {
    expect(story({}, 3_600_000)).toEqual(['0: Running ready main=running+'])
  })

  test.each(['Never', 'OnFailure'])('restartPolicy %s: it ends well after a second', (policy) => {
    expect(story({ restartPolicy: policy }, 10_000)).toEqual([
      '0: Running ready main=running+',
      '1000: Succeeded main=Completed',
    ])
  })

  test('init containers are over, and sidecars run, before the rest starts: all at once', () => {
    const init = [{ name: 'init' }, { name: 'side', restartPolicy: 'Always' }]
    expect(story({ init }, 1_000)).toEqual([
      '0: Running ready init=Completed+ side=running+ main=running+',
    ])
  })

  test('a sidecar stops when the work is done', () => {
    const init = [{ name: 'side', restartPolicy: 'Always' }]
    expect(story({ init, restartPolicy: 'Never' }, 5_000)).toEqual([
      '0: Running ready side=running+ main=running+',
      '1000: Succeeded side=Completed main=Completed',
    ])
  })
})

describe('scripted', () => {
  test('delays: starting, then becoming ready', () => {
    const annotations = { 'miniplane/start-delay': '2s', 'miniplane/ready-delay': '500ms' }
    expect(story({ annotations }, 10_000)).toEqual([
      '0: Pending main=ContainerCreating',
      '2000: Running main=running',
      '2500: Running ready main=running+',
    ])
  })

  test('init containers one after another', () => {
    const annotations = { 'miniplane/init-duration': '1s' }
    expect(story({ annotations, init: [{ name: 'a' }, { name: 'b' }] }, 5_000)).toEqual([
      '0: Pending a=running b=PodInitializing main=PodInitializing',
      '1000: Pending a=Completed+ b=running main=PodInitializing',
      '2000: Running ready a=Completed+ b=Completed+ main=running+',
    ])
  })

  test('an init container that fails fails the Pod, if nothing restarts it', () => {
    const annotations = { 'miniplane/init-exit-code': '2' }
    expect(story({ annotations, init: [{ name: 'a' }], restartPolicy: 'Never' }, 5_000)).toEqual([
      '0: Failed a=Error main=PodInitializing',
    ])
  })

  test('run: forever', () => {
    const annotations = { 'miniplane/run': 'forever', 'miniplane/exit-code': '1' }
    expect(story({ annotations, restartPolicy: 'Never' }, 3_600_000)).toEqual([
      '0: Running ready main=running+',
    ])
  })

  test('ready: "false"', () => {
    expect(story({ annotations: { 'miniplane/ready': 'false' } }, 60_000)).toEqual([
      '0: Running main=running',
    ])
  })

  test('exit-code with restartPolicy Never', () => {
    const annotations = { 'miniplane/exit-code': '3' }
    expect(story({ annotations, restartPolicy: 'Never' }, 10_000)).toEqual([
      '0: Running ready main=running+',
      '1000: Failed main=Error',
    ])
  })

  test('crashing: the first restart at once, then after 10, 20, 40 … at most 300 seconds', () => {
    const annotations = { 'miniplane/exit-code': '1', 'miniplane/run-duration': '1s' }
    const lines = story({ annotations }, 1_200_000)
    expect(lines.slice(0, 6)).toEqual([
      '0: Running ready main=running+',
      '1000: Running ready main=running+/1',
      '2000: Running main=CrashLoopBackOff/1',
      '12000: Running ready main=running+/2',
      '13000: Running main=CrashLoopBackOff/2',
      '33000: Running ready main=running+/3',
    ])
    const restarts = lines.filter((line) => line.includes('ready')).map(Number.parseFloat)
    const pausesSeconds = restarts
      .slice(1)
      .map((ms, i) => (ms - (restarts[i] ?? 0) - 1_000) / 1_000)
    expect(pausesSeconds).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
  })

  test('after ten good minutes the back-off starts over', () => {
    const annotations = { 'miniplane/exit-code': '1', 'miniplane/run-duration': '10m' }
    expect(story({ annotations }, 1_900_000)).toEqual([
      '0: Running ready main=running+',
      '600000: Running ready main=running+/1',
      '1200000: Running ready main=running+/2',
      '1800000: Running ready main=running+/3',
    ])
  })

  test('an image that can not be pulled', () => {
    const annotations = { 'miniplane/image-pull': 'fail' }
    expect(story({ annotations }, 32_000)).toEqual([
      '0: Pending main=ErrImagePull',
      '1000: Pending main=ImagePullBackOff',
      '11000: Pending main=ErrImagePull',
      '12000: Pending main=ImagePullBackOff',
      '32000: Pending main=ErrImagePull',
    ])
  })

  test('activeDeadlineSeconds ends whatever runs', () => {
    expect(story({ spec: { activeDeadlineSeconds: 5 } }, 10_000)).toEqual([
      '0: Running ready main=running+',
      '5000: Failed main=Error',
    ])
  })
})

describe('changes while it runs', () => {
  const begin = (given: Given) => {
    const pod = podOf(given)
    const run = podRun({ pod, podIP: '10.244.0.2', hostIP: '172.18.0.2', nowMs: 0 })
    advance(run, 0, seededRandom(1))
    return { pod, run }
  }

  test('the script: ready turns false, and true again', () => {
    const { pod, run } = begin({})
    const say = (ready: string, nowMs: number) => {
      const annotations = { 'miniplane/ready': ready }
      refresh(run, { ...pod, metadata: { ...pod.metadata, annotations } }, nowMs)
      advance(run, nowMs, seededRandom(1))
      return summary(run, nowMs)
    }
    expect(say('false', 1_000)).toBe('Running main=running')
    expect(say('true', 2_000)).toBe('Running ready main=running+')
  })

  test('another image restarts the container', () => {
    const { pod, run } = begin({})
    const spec = { ...pod.spec, containers: [container({ image: 'app:2' })] }
    refresh(run, { ...pod, spec }, 5_000)
    advance(run, 5_000, seededRandom(1))
    const [status] = podStatus(run, {}, 5_000).containerStatuses ?? []
    expect(status).toMatchObject({ image: 'app:2', restartCount: 1, ready: true })
  })

  test('an ephemeral container joins', () => {
    const { pod, run } = begin({})
    const ephemeralContainers = [{ name: 'debug', image: 'busybox' }]
    refresh(run, { ...pod, spec: { ...pod.spec, ephemeralContainers } } as Pod, 1_000)
    advance(run, 1_000, seededRandom(1))
    const [status] = podStatus(run, {}, 1_000).ephemeralContainerStatuses ?? []
    expect(status).toMatchObject({ name: 'debug', state: { running: {} } })
  })
})
