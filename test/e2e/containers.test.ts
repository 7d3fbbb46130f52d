import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { type Finished, kubectls, run } from '../support/judges.js'

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'busybox',
        command: ['sh', '-c', 'echo started; echo trouble >&2; sleep 1000'],
        env: [
          { name: 'GREETING', value: 'hello' },
          { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'colours', key: 'sky' } } },
        ],
        ports: [{ containerPort: 8080 }],
        volumeMounts: [{ name: 'colours', mountPath: '/colours' }],
      },
    ],
    volumes: [{ name: 'colours', configMap: { name: 'colours' } }],
  },
}
const COLOURS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'colours' },
  data: { sky: 'blue' },
}

const COUNTER = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'ticker', annotations: { 'miniplane/run-duration': '1.5s' } },
  spec: {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'c',
        image: 'busybox',
        command: ['sh', '-c', 'for i in 1 2 3; do echo tick $i; sleep 0.4; done'],
      },
    ],
  },
}
const OVER = {
  WebSocket: {},
  SPDY: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
}
const talkers = kubectls().flatMap((judge) =>
  Object.entries(OVER).map(([protocol, env]) => ({ ...judge, protocol, env })),
)

describe.each(talkers)('$name talks to hollow containers over $protocol', ({ path, env }) => {
  let plane: ControlPlane
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'containers-'))
    plane = await startControlPlane({ kubeconfigPath: join(folder, 'kubeconfig') })
    for (const object of [COLOURS, POD]) await kubectl('apply -f -', JSON.stringify(object))
    await kubectl('wait --for=condition=Ready pod/web --timeout=10s')
  })
  afterAll(async () => {
    await plane.close()
    rmSync(folder, { recursive: true })
  })

  const kubectl = (line: string, stdin?: string): Promise<Finished> =>
    run(path, line.split(' '), {
      env: { ...env, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder },
      cwd: folder,
      ...(stdin === undefined ? {} : { stdin }),
    })

  it.each<[string, string | undefined, Finished]>([
    ['exec web -- echo hi', undefined, { exit: 0, stdout: 'hi\n', stderr: '' }],
    ['exec -i web -- cat', 'in and out', { exit: 0, stdout: 'in and out', stderr: '' }],
    [
      'exec web -- printenv GREETING COLOUR',
      undefined,
      { exit: 0, stdout: 'hello\nblue\n', stderr: '' },
    ],
    ['exec web -- cat /colours/sky', undefined, { exit: 0, stdout: 'blue', stderr: '' }],
    ['exec -i web -- sh', 'cd /etc\ncat hostname\n', { exit: 0, stdout: 'web\n', stderr: '' }],
    [
      'exec web -- false',
      undefined,
      { exit: 1, stdout: '', stderr: 'command terminated with exit code 1\n' },
    ],
  ])('%s', async (line, stdin, finished) => {
    expect(await kubectl(line, stdin)).toEqual(finished)
  })

  it('says what the runtime says of a program that is not there', async () => {
    const { exit, stderr } = await kubectl('exec web -- nothere')
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: expect.stringMatching(
        /^error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "nothere": executable file not found in \$PATH: unknown\n$/,
      ),
    })
  })

  it('prints, follows and cuts logs', async () => {
    const log = async (line: string) => (await kubectl(`logs ${line}`)).stdout
    expect(await log('web')).toBe('started\ntrouble\n')
    expect(await log('web --tail=1')).toBe('trouble\n')
    expect(await log('web --limit-bytes=4')).toBe('star')
    expect(await log('web --timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z started\n/)
    expect(await log('web --since-time=2100-01-01T00:00:00Z')).toBe('')
    expect(await kubectl('logs web --previous')).toMatchObject({
      exit: 1,
      stderr:
        'Error from server (BadRequest): previous terminated container "c" in pod "web" not found\n',
    })
    await kubectl('apply -f -', JSON.stringify(COUNTER))
    await kubectl('wait --for=condition=Ready pod/ticker --timeout=10s')
    const followed = await kubectl('logs -f ticker')
    expect(followed.stdout).toBe('tick 1\ntick 2\ntick 3\n')
    await kubectl('delete pod ticker --now')
  })

  it('copies into a container and out of it', async () => {
    writeFileSync(join(folder, 'in.txt'), 'some text\n')
    expect(await kubectl('cp in.txt web:/tmp/copied.txt')).toMatchObject({ exit: 0, stderr: '' })
    expect((await kubectl('exec web -- cat /tmp/copied.txt')).stdout).toBe('some text\n')
    expect((await kubectl('cp web:/tmp/copied.txt out.txt')).exit).toBe(0)
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('some text\n')
  })

  it('attaches, and runs a shell of its own', async () => {
    const ran = await kubectl(
      'run once -i --rm --quiet --restart=Never --image=busybox -- sh',
      'echo in the shell\nexit 3\n',
    )
    expect({ exit: ran.exit, stdout: ran.stdout }).toEqual({ exit: 3, stdout: 'in the shell\n' })
  })

  it('reaches Pods, Services and nodes by the proxy of the API server', async () => {
    await kubectl('expose pod web --port=80 --target-port=8080')
    const get = async (path: string) => {
      const { stdout, stderr } = await kubectl(`get --raw /api/v1/${path}`)
      return stdout + stderr
    }
    const text = 'pod default/web, container c, port 8080\n'
    expect(await get('namespaces/default/pods/web/proxy/')).toBe(text)
    expect(await get('namespaces/default/pods/http:web:8080/proxy/some/path?a=b')).toBe(text)
    await eventually(async () =>
      expect(await get('namespaces/default/services/web:80/proxy/')).toBe(text),
    )
    expect(await get('nodes/node-1/proxy/healthz')).toBe('ok')
    expect(await get('namespaces/default/pods/web:1/proxy/')).toMatch(
      /error trying to reach service: dial tcp 10\.244\.\d+\.\d+:1: connect: connection refused/,
    )
    expect(await get('namespaces/default/services/web:81/proxy/')).toContain(
      'no service port 81 found for service "web"',
    )
    await kubectl('delete service web')
  })

  it('forwards ports, several connections at once, and says when nobody listens', async () => {
    const forwarding = spawn(path, ['port-forward', 'pod/web', ':8080', ':9999'], {
      env: { ...process.env, ...env, KUBECONFIG: join(folder, 'kubeconfig') },
    })
    let said = ''
    forwarding.stdout.on('data', (text) => {
      said += text
    })
    forwarding.stderr.on('data', (text) => {
      said += text
    })
    const portFor = (remote: number) =>
      eventually(() => {
        const port = new RegExp(`127.0.0.1:(\\d+) -> ${remote}`).exec(said)?.[1]
        expect(port).toBeDefined()
        return port
      })
    const url = `http://127.0.0.1:${await portFor(8080)}/`
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()))
    expect(new Set(answers)).toEqual(new Set(['pod default/web, container c, port 8080\n']))
    await expect(fetch(`http://127.0.0.1:${await portFor(9999)}/`)).rejects.toThrow('fetch failed')
    await eventually(() => expect(said).toContain('127.0.0.1:9999: connect: connection refused'))
    forwarding.kill()
    await once(forwarding, 'close')
  })
})
