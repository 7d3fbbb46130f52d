import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@miniplane/api'
import { httpsTransport } from '@miniplane/client'
import { run } from '@miniplane/kubectl-lite'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'

let plane: ControlPlane
let folder: string

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'busybox',
        command: ['sh', '-c', 'echo started; sleep 1; echo later; sleep 1000'],
        ports: [{ containerPort: 8080 }],
      },
    ],
  },
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lite-'))
  plane = await startControlPlane({ kubeconfigPath: join(folder, 'kubeconfig') })
  await kubectl('apply -f -', JSON.stringify(POD))
  await kubectl('wait --for=condition=Ready pod/web --timeout=10s')
})
afterAll(async () => {
  await plane.close()
  rmSync(folder, { recursive: true })
})

/** A run of kubectl-lite within this process; `said` grows while it runs. */
function start(line: string, stdin = '') {
  const said = { out: '', err: '' }
  const interrupt = new AbortController()
  const ended = run(line.split(' '), {
    out: {
      stdout: (text) => {
        said.out += text
      },
      stderr: (text) => {
        said.err += text
      },
      isTTY: false,
    },
    clock: systemClock,
    random: systemRandom(),
    variables: { KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder },
    folder,
    readStdin: async () => Buffer.from(stdin),
    connect: (config) => httpsTransport(config),
    signal: interrupt.signal,
  })
  return { said, ended, interrupt }
}

async function kubectl(line: string, stdin = '') {
  const { said, ended } = start(line, stdin)
  return { exit: await ended, ...said }
}

it.each([
  ['exec web -- echo hi', '', { exit: 0, out: 'hi\n', err: '' }],
  ['exec -i web -- cat', 'in and out', { exit: 0, out: 'in and out', err: '' }],
  ['exec web -- false', '', { exit: 1, out: '', err: 'command terminated with exit code 1\n' }],
  [
    'exec -i web -- sh',
    'exit 7',
    { exit: 7, out: '', err: 'command terminated with exit code 7\n' },
  ],
])('%s', async (line, stdin, finished) => {
  expect(await kubectl(line, stdin)).toEqual(finished)
})

it('says what the server says', async () => {
  const { exit, err } = await kubectl('exec web -- nothere')
  expect([exit, err]).toEqual([
    1,
    expect.stringMatching(/^error: Internal error .*"nothere": executable file not found/),
  ])
})

it('copies in and out', async () => {
  writeFileSync(join(folder, 'in.txt'), 'some text')
  expect(await kubectl('cp in.txt web:/tmp/x.txt')).toMatchObject({ exit: 0, err: '' })
  expect((await kubectl('exec web -- cat /tmp/x.txt')).out).toBe('some text')
  expect(await kubectl('cp web:/tmp/x.txt out.txt')).toMatchObject({ exit: 0, err: '' })
  expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('some text')
  expect(await kubectl('cp web:/tmp out')).toMatchObject({ exit: 0 })
  expect(readFileSync(join(folder, 'out/x.txt'), 'utf8')).toBe('some text')
})

it('prints logs, and follows them', async () => {
  expect((await kubectl('logs web')).out).toMatch(/^started\n/)
  const following = start('logs -f web')
  await eventually(() => expect(following.said.out).toBe('started\nlater\n'))
})

it('forwards ports until it is interrupted', async () => {
  const forwarding = start('port-forward web :8080 :9999')
  const portOf = (remote: number) =>
    eventually(() => {
      const port = new RegExp(`127.0.0.1:(\\d+) -> ${remote}`).exec(forwarding.said.out)?.[1]
      expect(port).toBeDefined()
      return port
    })
  const answers = await Promise.all(
    [1, 2].map(async () => (await fetch(`http://127.0.0.1:${await portOf(8080)}/`)).text()),
  )
  expect(new Set(answers)).toEqual(new Set(['pod default/web, container c, port 8080\n']))
  await expect(fetch(`http://127.0.0.1:${await portOf(9999)}/`)).rejects.toThrow()
  expect(forwarding.said.err).toContain('127.0.0.1:9999: connect: connection refused')
  forwarding.interrupt.abort()
  expect(await forwarding.ended).toBe(0)
})
