import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import {
  Client,
  connectionFrom,
  httpsTransport,
  parseKubeconfig,
  resources,
  type Transport,
} from '@miniplane/client'
import { type ListeningControlPlane, startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../support/judges.js'
import { kubectlLite } from '../support/programs.js'
import { TalkingProgram } from '../support/talking-program.js'

let plane: ListeningControlPlane
let transport: Transport
let folder: string
let port: number

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'))
  plane = await startControlPlane({ kubeconfigPath: join(folder, 'kubeconfig'), nodes: 0 })
  transport = httpsTransport(connectionFrom(parseKubeconfig(plane.kubeconfig)))
  port = Number(new URL(plane.server).port)
})
afterAll(async () => {
  transport.close()
  await plane.close()
  rmSync(folder, { recursive: true })
})

const stillServes = async () => {
  const answer = await transport.request({ method: 'GET', path: '/readyz' })
  expect([answer.status, answer.text()]).toEqual([200, 'ok'])
}

/** Sends bytes over TLS, or in the clear, and reads until the server ends or cuts the connection. */
const speak = (bytes: string, secure = true) =>
  new Promise<string>((resolve) => {
    let answer = ''
    const socket = secure
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connectTcp(port, '127.0.0.1')
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      answer += text
    })
    socket.on('close', () => resolve(answer))
    // A cut connection is one of the right answers here.
    socket.on('error', () => resolve(answer))
    socket.write(bytes)
  })

describe('the server', () => {
  it.each([
    ['nonsense', 'this is not HTTP\r\n\r\n', /^HTTP\/1\.1 400 Bad Request/],
    ['a broken length', 'POST /api HTTP/1.1\r\nContent-Length: x\r\n\r\n', /^HTTP\/1\.1 400/],
    ['endless headers', `GET / HTTP/1.1\r\nx: ${'y'.repeat(1_100_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
  ])('answers %s and goes on', async (_, bytes, expected) => {
    expect(await speak(bytes)).toMatch(expected)
    await stillServes()
  })

  it('cuts off who does not speak TLS, and goes on', async () => {
    await speak('GET / HTTP/1.1\r\n\r\n', false)
    await stillServes()
  })

  it('refuses a body over 3 MiB with 413', async () => {
    const answer = await transport.request({
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      body: { metadata: { name: 'big' }, data: { x: 'x'.repeat(3 * 1024 * 1024) } },
    })
    expect(answer.object).toMatchObject({ kind: 'Status', code: 413 })
    await stillServes()
  })

  it.each([
    ['broken JSON', '{"kind": ', 400],
    ['nothing', '', 400],
    ['deep nesting', `{"a":${'['.repeat(100_000)}`, 400],
  ])('refuses a body of %s', async (_, body, code) => {
    const path = '/api/v1/namespaces/default/configmaps'
    const answer = await transport.request({ method: 'POST', path, body })
    expect(answer.object).toMatchObject({ kind: 'Status', code })
  })

  it('forgets a watch whose client went away', async () => {
    const stop = await new Client(transport)
      .of(resources.configMaps)
      .watch({ namespace: 'default' }, { onEvents: () => {}, onEnd: () => {} })
    stop()
    const configMaps = plane.client.of(resources.configMaps)
    await configMaps.create({ metadata: { name: 'after', namespace: 'default' } })
    await stillServes()
  })
})

describe('kubectl-lite', () => {
  const attempt = (args: string[], options: { stdin?: string; kubeconfig?: string } = {}) =>
    run(process.execPath, [kubectlLite, ...args], {
      env: { KUBECONFIG: options.kubeconfig ?? join(folder, 'kubeconfig'), HOME: folder },
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    })

  it.each([
    [
      'an unknown kind',
      ['get', 'widgets'],
      `error: the server doesn't have a resource type "widgets"\n`,
    ],
    [
      'a name that is not there',
      ['get', 'deployment', 'nobody'],
      'Error from server (NotFound): deployments.apps "nobody" not found\n',
    ],
    [
      'a namespace that is not there',
      ['create', 'configmap', 'x', '-n', 'nowhere'],
      'error: failed to create configmap: namespaces "nowhere" not found\n',
    ],
    [
      'a file that is not there',
      ['apply', '-f', 'nowhere.yaml'],
      'error: the path "nowhere.yaml" does not exist\n',
    ],
  ])('says what kubectl says of %s', async (_, args, stderr) => {
    expect(await attempt(args)).toEqual({ exit: 1, stdout: '', stderr })
  })

  it('names the line of broken YAML', async () => {
    const stdin = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x\n'
    const { exit, stderr } = await attempt(['apply', '-f', '-'], { stdin })
    expect(exit).toBe(1)
    expect(stderr).toMatch(
      /^error: error parsing STDIN: error converting YAML to JSON: yaml: line \d+: /,
    )
  })

  it('says that nobody answers, and where', async () => {
    const kubeconfig = join(folder, 'gone')
    writeFileSync(kubeconfig, plane.kubeconfig.replace(String(port), '1'))
    const { exit, stderr } = await attempt(['get', 'pods'], { kubeconfig })
    expect(exit).toBe(1)
    expect(stderr).toContain(
      'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
    )
  })

  it.skipIf(process.getuid?.() === 0)('says that it may not read the kubeconfig', async () => {
    const kubeconfig = join(folder, 'secret')
    writeFileSync(kubeconfig, plane.kubeconfig)
    chmodSync(kubeconfig, 0o000)
    const { exit, stderr } = await attempt(['get', 'pods'], { kubeconfig })
    expect(exit).toBe(1)
    expect(stderr).toContain(kubeconfig)
  })

  it('applies what is right in a file of which a part is wrong, and says which part is not', async () => {
    const stdin = [
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"right"}}',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Wrong_Name"}}',
    ].join('\n---\n')
    const { exit, stdout, stderr } = await attempt(['apply', '-f', '-'], { stdin })
    expect([exit, stdout]).toEqual([1, 'configmap/right created\n'])
    expect(stderr).toContain('ConfigMap "Wrong_Name" is invalid: metadata.name')
  })

  it('ends a watch when its server goes', async () => {
    const kubeconfig = join(folder, 'second')
    const second = await startControlPlane({ nodes: 0, kubeconfigPath: kubeconfig })
    await using watch = new TalkingProgram(
      process.execPath,
      [kubectlLite, 'get', 'namespaces', '--watch'],
      { KUBECONFIG: kubeconfig, HOME: folder },
    )
    await watch.said(/^NAME +STATUS +AGE$/)
    await watch.said(/^default /)
    await second.close()
    // The server may still end the answer, or its connection is cut.
    expect([0, 1]).toContain(await watch.ended)
  })
})
