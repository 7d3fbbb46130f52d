import { rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test, vi } from 'vitest'
import { EtcdProcesses, etcdctl, runEtcd } from '../support/etcd-program.js'
import { eventually } from '../support/eventually.js'
import { freePort } from '../support/free-port.js'
import { run } from '../support/judges.js'

// Whole processes, and on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const base64 = (text: string) => Buffer.from(text).toString('base64')

async function post(url: string, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
  return answer as Record<string, unknown>
}

const put = (url: string, key: string, value: string) =>
  post(url, '/v3/kv/put', { key: base64(key), value: base64(value) })

async function get(url: string, key: string): Promise<string | undefined> {
  const { kvs = [] } = await post(url, '/v3/kv/range', { key: base64(key) })
  const [first] = kvs as { value: string }[]
  return first && Buffer.from(first.value, 'base64').toString()
}

async function isLeader(url: string): Promise<boolean> {
  const { leader, header } = await post(url, '/v3/maintenance/status', {})
  return leader === (header as { member_id: string }).member_id
}

describe('the program etcd', () => {
  it('starts, says so as etcd does, and stops on SIGTERM with everything kept', async () => {
    await using cluster = await EtcdProcesses.of('only')
    const [first] = await cluster.startAll()
    await first?.logged('serving client traffic insecurely; this is strongly discouraged!')
    expect(first?.log.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'starting an etcd server',
        'serving peer traffic',
        'ready to serve client requests',
      ]),
    )
    for (const line of first?.log ?? []) {
      expect(line).toMatchObject({
        level: expect.stringMatching(/^(info|warn)$/),
        ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        caller: expect.any(String),
      })
    }
    expect(statSync(cluster.dataDir('only')).mode & 0o777).toBe(0o700)
    await put(cluster.clientUrl('only'), 'k', 'kept')
    first?.kill('SIGTERM')
    expect(await first?.ended).toBe(0)
    const [again] = await cluster.startAll()
    expect(await get(cluster.clientUrl('only'), 'k')).toBe('kept')
    again?.kill('SIGINT')
    expect(await again?.ended).toBe(0)
  })

  it('kill -9 loses nothing that was acknowledged', async () => {
    await using cluster = await EtcdProcesses.of('only')
    const [first] = await cluster.startAll()
    const url = cluster.clientUrl('only')
    await Promise.all(Array.from({ length: 20 }, (_, i) => put(url, `k${i}`, `v${i}`)))
    first?.kill('SIGKILL')
    expect(await first?.ended).toBe('SIGKILL')
    await cluster.startAll()
    for (let i = 0; i < 20; i++) expect(await get(url, `k${i}`)).toBe(`v${i}`)
  })

  it('a configuration file is enough', async () => {
    await using cluster = await EtcdProcesses.of('filed')
    const path = join(cluster.folder, 'etcd.yaml')
    const lines = cluster.args('filed').map((arg) => arg.replace(/^--([^=]+)=/, '$1: '))
    writeFileSync(path, lines.join('\n'))
    const etcd = cluster.start('filed', ['--config-file', path])
    await etcd.logged('ready to serve client requests')
    await put(cluster.clientUrl('filed'), 'a', 'b')
  })
})

describe('three members', () => {
  it('agree, and go on when the one that leads is stopped', async () => {
    await using cluster = await EtcdProcesses.of('a', 'b', 'c')
    const members = await cluster.startAll()
    await put(cluster.clientUrl('a'), 'k', 'v')
    for (const { clientUrl } of members) expect(await get(clientUrl, 'k')).toBe('v')
    const leading = await Promise.all(members.map(({ clientUrl }) => isLeader(clientUrl)))
    expect(leading.filter(Boolean)).toHaveLength(1)
    const leader = members[leading.indexOf(true)]
    const others = members.filter((member) => member !== leader)
    leader?.kill('SIGTERM')
    expect(await leader?.ended).toBe(0)
    // Handed over: nobody had to wait for an election.
    expect(leader?.log.map(({ msg }) => msg)).toContain('leadership transferred')
    await put(others[0]?.clientUrl ?? '', 'k', 'w')
    expect(await get(others[1]?.clientUrl ?? '', 'k')).toBe('w')
    const back = cluster.start(leader?.name ?? '')
    await back.logged('ready to serve client requests')
    expect(await get(back.clientUrl, 'k')).toBe('w')
  })
})

describe('a member without a quorum', () => {
  it('serves what needs none, and says what it lacks', async () => {
    await using cluster = await EtcdProcesses.of('a', 'b', 'c')
    const args = [...cluster.args('a'), '--wait-cluster-ready-timeout=1s']
    const alone = cluster.start('a', args)
    await alone.logged('serving client traffic insecurely; this is strongly discouraged!')
    expect(alone.log.map(({ msg }) => msg)).toContain(
      'timed out waiting for the ready notification',
    )
    const health = await fetch(`${alone.clientUrl}/health`)
    expect(health.status).toBe(503)
    expect(await health.json()).toEqual({ health: 'false', reason: 'RAFT NO LEADER' })
    expect((await fetch(`${alone.clientUrl}/livez`)).status).toBe(200)
    const range = { key: base64('k'), serializable: true }
    expect(await post(alone.clientUrl, '/v3/kv/range', range)).toHaveProperty('header')
    // The others come: what was waited for is there.
    const others = ['b', 'c'].map((name) => cluster.start(name))
    await Promise.all(others.map((etcd) => etcd.logged('ready to serve client requests')))
    await put(alone.clientUrl, 'k', 'v')
  })
})

describe('a cluster that has lost its quorum for good', () => {
  it('goes on as one member with --force-new-cluster, and stays so', async () => {
    await using cluster = await EtcdProcesses.of('a', 'b', 'c')
    const members = await cluster.startAll()
    await put(cluster.clientUrl('a'), 'k', 'v')
    expect(await get(cluster.clientUrl('b'), 'k')).toBe('v')
    for (const member of members) member.kill('SIGKILL')
    await Promise.all(members.map(({ ended }) => ended))
    const forced = cluster.start('b', [...cluster.args('b'), '--force-new-cluster'])
    await forced.logged('ready to serve client requests')
    expect(await get(forced.clientUrl, 'k')).toBe('v')
    const { members: left } = await post(forced.clientUrl, '/v3/cluster/member/list', {})
    expect((left as { name: string }[]).map(({ name }) => name)).toEqual(['b'])
    await put(forced.clientUrl, 'k', 'w')
    forced.kill('SIGTERM')
    expect(await forced.ended).toBe(0)
    const again = cluster.start('b')
    await again.logged('ready to serve client requests')
    expect(await get(again.clientUrl, 'k')).toBe('w')
  })
})

describe('a cluster that grows and shrinks', () => {
  it('a member joins, has everything, and ends when it is removed', async () => {
    await using cluster = await EtcdProcesses.of('old', 'new')
    const alone = cluster
      .args('old')
      .map((arg) => arg.replace(cluster.initialCluster, `old=${cluster.peerUrl('old')}`))
    const old = cluster.start('old', alone)
    await old.logged('ready to serve client requests')
    await put(old.clientUrl, 'k', 'v')
    const peerURLs = [cluster.peerUrl('new')]
    const added = await post(old.clientUrl, '/v3/cluster/member/add', { peerURLs })
    const joining = cluster.start('new', [
      ...cluster.args('new'),
      '--initial-cluster-state=existing',
    ])
    await joining.logged('ready to serve client requests')
    expect(await get(joining.clientUrl, 'k')).toBe('v')
    const { ID } = added.member as { ID: string }
    // A cluster is healthy when its members have been connected for a while.
    await eventually(() => post(old.clientUrl, '/v3/cluster/member/remove', { ID }))
    expect(await joining.ended).toBe(0)
    await put(old.clientUrl, 'k', 'alone')
    expect(await get(old.clientUrl, 'k')).toBe('alone')
  })

  it('nobody joins who was not added', async () => {
    await using cluster = await EtcdProcesses.of('old', 'new')
    const alone = cluster
      .args('old')
      .map((arg) => arg.replace(cluster.initialCluster, `old=${cluster.peerUrl('old')}`))
    await cluster.start('old', alone).logged('ready to serve client requests')
    const stranger = cluster.start('new', [
      ...cluster.args('new'),
      '--initial-cluster-state=existing',
    ])
    expect(await stranger.ended).toBe(1)
    const fatal = stranger.log.find(({ level }) => level === 'fatal')
    expect(fatal).toMatchObject({
      msg: 'failed to start etcd',
      error: expect.stringContaining('member count is unequal'),
    })
  })
})

describe('what keeps it from starting', () => {
  test.each([
    [['-foo'], 2, 'flag provided but not defined: -foo'],
    [['--name'], 2, 'flag needs an argument: -name'],
    [['--heartbeat-interval=x'], 2, 'invalid value "x" for flag -heartbeat-interval: parse error'],
    [
      ['--listen-client-urls=http://127.0.0.1:1'],
      1,
      '--advertise-client-urls is required when --listen-client-urls is set explicitly',
    ],
    [['--data-dir=/proc/nope'], 1, 'cannot access data directory'],
    [['--config-file=/nope.yaml'], 1, 'open /nope.yaml'],
  ])('%j', async (args, exit, message) => {
    const ended = await runEtcd(args)
    expect(ended.stderr).toContain(message)
    expect(ended.exit).toBe(exit)
  })

  it('an initial cluster in which it is somebody else', async () => {
    const folder = join(tmpdir(), `etcd-never-${await freePort()}`)
    const port = async () => `http://127.0.0.1:${await freePort()}`
    const client = await port()
    const peer = await port()
    const ended = await runEtcd([
      `--data-dir=${folder}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      '--initial-cluster=default=http://127.0.0.1:9',
    ])
    rmSync(folder, { recursive: true, force: true })
    expect(ended.stderr).toContain(
      `--initial-cluster has default=http://127.0.0.1:9 but missing from --initial-advertise-peer-urls=${peer}`,
    )
    expect(ended.exit).toBe(1)
  })

  it('a port or a folder that another process has', async () => {
    await using cluster = await EtcdProcesses.of('first', 'second')
    const alone = (name: string) =>
      cluster
        .args(name)
        .map((arg) => arg.replace(cluster.initialCluster, `${name}=${cluster.peerUrl(name)}`))
    const first = cluster.start('first', alone('first'))
    await first.logged('ready to serve client requests')
    const samePort = await runEtcd([
      ...alone('second'),
      `--listen-client-urls=${cluster.clientUrl('first')}`,
    ])
    expect(samePort.stderr).toContain('bind: address already in use')
    expect(samePort.exit).toBe(1)
    const sameFolder = await runEtcd([...alone('second'), `--data-dir=${cluster.dataDir('first')}`])
    expect(sameFolder.stderr).toContain('failed to start etcd')
    expect(sameFolder.exit).toBe(1)
    await put(cluster.clientUrl('first'), 'still', 'there')
  })
})

describe('what it says about itself', () => {
  it('--version, --help and completion', async () => {
    const version = await runEtcd(['--version'])
    expect(version).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^etcd Version: 3\.6/) })
    const help = await runEtcd(['--help'])
    expect(help.exit).toBe(0)
    expect(help.stdout).toMatch(/^ {2}--data-dir '\$\{name\}\.etcd'$/m)
    const completion = await runEtcd(['completion', 'bash'])
    expect(completion).toMatchObject({ exit: 0, stdout: expect.stringContaining('--data-dir') })
    expect(await runEtcd(['completion', 'tcsh'])).toMatchObject({ exit: 1 })
  })
})

describe.skipIf(etcdctl === undefined)('etcdctl', () => {
  it('finds the cluster healthy, and its members', async () => {
    await using cluster = await EtcdProcesses.of('a', 'b', 'c')
    await cluster.startAll()
    const ctl = (...args: string[]) =>
      run(etcdctl ?? '', ['--endpoints', cluster.endpoints, ...args], {
        env: { ETCDCTL_API: '3' },
      })
    expect(await ctl('put', 'foo', 'bar')).toMatchObject({ exit: 0, stdout: 'OK\n' })
    expect(await ctl('get', 'foo')).toMatchObject({ exit: 0, stdout: 'foo\nbar\n' })
    const health = await ctl('endpoint', 'health', '--cluster')
    expect(health.exit).toBe(0)
    expect(`${health.stdout}${health.stderr}`.match(/is healthy/g)).toHaveLength(3)
    const status = await ctl('endpoint', 'status', '-w', 'json')
    expect(status).toMatchObject({ exit: 0, stderr: '' })
    const leaders = JSON.parse(status.stdout).map(
      ({ Status }: { Status: { leader: number } }) => Status.leader,
    )
    expect(new Set(leaders).size).toBe(1)
    const members = await ctl('member', 'list')
    for (const name of ['a', 'b', 'c'])
      expect(members.stdout).toContain(
        `started, ${name}, ${cluster.peerUrl(name)}, ${cluster.clientUrl(name)}, false`,
      )
  })
})
