import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readState } from '../backend/read-state.js'
import { writeBackup } from '../backend/write-state.js'
import { openNodeDisk } from '../disk/node-disk.js'
import { silentLog } from '../log.js'
import { clusterIdOf, memberIdOf } from '../membership/ids.js'
import { Mvcc } from '../mvcc/mvcc.js'
import { SnapshotStore } from '../snapshot/snapshot-store.js'
import { openWal } from '../wal/wal.js'
import { runEtcdutl } from './program.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdutl-'))
  await writeFile(join(folder, 's.db'), await snapshotOf(storeOfTen()))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function storeOfTen(): Mvcc {
  const mvcc = new Mvcc()
  for (let n = 0; n < 10; n++) {
    mvcc.put(`k${n % 4}`, Buffer.from('v'), 0n)
    mvcc.commit()
  }
  return mvcc
}

async function snapshotOf(mvcc: Mvcc): Promise<Buffer> {
  const { chunks } = await writeBackup({
    mvcc,
    leases: [],
    alarms: [],
    auth: { isEnabled: false, revision: 1, users: [], roles: [] },
    members: [],
    removedMemberIds: [],
    clusterVersion: '3.6.0',
    downgrade: undefined,
    appliedIndex: 20,
    appliedTerm: 3,
    confState: undefined,
  })
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** What the program prints and how it ends; `$` in a word is the folder. */
async function run(line: string): Promise<{ exit: number; stdout: string[]; stderr: string[] }> {
  const stdout: string[] = []
  const stderr: string[] = []
  const words = line.split(' ').map((word) => word.replace('$', folder))
  const exit = await runEtcdutl(words, {
    line: (text) => stdout.push(text.replaceAll(folder, '$')),
    error: (text) => stderr.push(text.replaceAll(folder, '$')),
    log: silentLog,
  })
  return { exit, stdout, stderr }
}

describe('what is asked wrongly is refused in the words of etcd', () => {
  it.each<[string, number, string]>([
    ['snapshot status', 128, 'snapshot status requires exactly one argument'],
    ['snapshot status $/none.db', 1, 'stat $/none.db: no such file or directory'],
    ['snapshot status $/s.db -w protobuf', 4, 'unsupported output format'],
    ['snapshot restore --data-dir $/x', 128, 'snapshot restore requires exactly one argument'],
    ['snapshot restore $/s.db', 1, 'required flag(s) "data-dir" not set'],
    ['snapshot restore $/s.db --data-dir', 1, 'flag needs an argument: --data-dir'],
    ['snapshot restore $/s.db --data-dir $', 1, 'data-dir "$" not empty or could not be read'],
    ['snapshot restore $/s.db --data-dir $/x --wal-dir $', 1, 'wal-dir "$" exists'],
    ['snapshot restore $/s.db --data-dir $/x --foo=1', 1, 'unknown flag: --foo'],
    ['snapshot status $/s.db -x', 1, "unknown shorthand flag: 'x' in -x"],
    [
      'snapshot restore $/s.db --data-dir $/x --bump-revision 5',
      128,
      '--mark-compacted required if --revision-bump > 0',
    ],
    [
      'snapshot restore $/s.db --data-dir $/x --mark-compacted',
      128,
      '--mark-compacted required if --revision-bump > 0',
    ],
    [
      'snapshot restore $/s.db --data-dir $/x --bump-revision -5 --mark-compacted',
      1,
      'invalid argument "-5" for "--bump-revision" flag: strconv.ParseUint: parsing "-5": invalid syntax',
    ],
    [
      'snapshot restore $/s.db --data-dir $/x --name m1',
      1,
      'couldn\'t find local name "m1" in the initial cluster configuration',
    ],
    [
      'snapshot restore $/s.db --data-dir $/x --initial-cluster default=http://10.0.0.1:2380',
      1,
      '--initial-cluster has default=http://10.0.0.1:2380 but missing from --initial-advertise-peer-urls=http://localhost:2380',
    ],
    ['hashkv', 1, 'accepts 1 arg(s), received 0'],
    ['hashkv $/s.db --rev 99', 1, 'etcdserver: mvcc: required revision is a future revision'],
    ['defrag --data-dir $/none', 1, 'failed to defragment etcd data[$/none] (there is no member)'],
    ['frobnicate', 1, 'unknown command "frobnicate" for "etcdutl"'],
    ['completion tcsh', 1, 'no completion for "tcsh": choose bash, zsh or fish'],
  ])('%s', async (line, exit, message) => {
    expect(await run(line)).toEqual({ exit, stdout: [], stderr: [`Error: ${message}`] })
  })
})

describe('snapshot status', () => {
  it('prints what is asked for, in every format', async () => {
    const { stdout: simple } = await run('snapshot status $/s.db')
    expect(simple).toEqual([expect.stringMatching(/^[0-9a-f]{1,8}, 11, 14, 16 kB, $/)])
    const { stdout: json } = await run('-w json snapshot status $/s.db')
    const status = JSON.parse(json[0] ?? '')
    expect(status).toMatchObject({ revision: 11, totalKey: 14, totalSize: 16384, version: '' })
    const hash = status.hash.toString(16)
    expect((await run('snapshot status --write-out=table $/s.db')).stdout).toEqual([
      `+${'-'.repeat(hash.length + 2)}+----------+------------+------------+---------+`,
      expect.stringMatching(/^\| +HASH +\| REVISION \| TOTAL KEYS \| TOTAL SIZE \| VERSION \|$/),
      expect.stringMatching(/^\+-+\+/),
      `| ${hash} |       11 |         14 |      16 kB |         |`,
      expect.stringMatching(/^\+-+\+/),
    ])
    expect((await run('snapshot status $/s.db -w fields')).stdout).toEqual([
      `"Hash" : ${status.hash}`,
      '"Revision" : 11',
      '"Keys" : 14',
      '"Size" : 16384',
      '"Version" : ',
    ])
  })

  it('says where a file is damaged', async () => {
    const damaged = await readFile(join(folder, 's.db'))
    damaged.writeUInt16LE(7, 3 * 4096 + 8)
    await writeFile(join(folder, 'damaged.db'), damaged)
    const { exit, stderr } = await run('snapshot status $/damaged.db')
    expect(exit).toBe(1)
    expect(stderr).toEqual([
      'Error: page 3 at byte 12288 is neither a branch nor a leaf, but of kind 7',
    ])
  })
})

describe('snapshot restore', () => {
  const restored = async (dataDir: string) => {
    const disk = openNodeDisk(join(folder, dataDir))
    const found = await new SnapshotStore(disk, 'member/snap').openNewest()
    return { disk, found, state: await readState(found?.bytes ?? new Uint8Array(0)) }
  }

  const flags = [
    '--name b --initial-cluster-token t',
    '--initial-cluster a=http://10.0.0.1:2380,b=http://10.0.0.2:2380',
    '--initial-advertise-peer-urls http://10.0.0.2:2380',
  ].join(' ')

  it('makes a member of a new cluster, with the ids that all of them reckon', async () => {
    expect(await run(`snapshot restore $/s.db --data-dir $/member ${flags}`)).toMatchObject({
      exit: 0,
    })
    const { disk, found, state } = await restored('member')
    const ids = [1, 2].map((n) => memberIdOf([`http://10.0.0.${n}:2380`], 't'))
    const byId = ids.toSorted((a, b) => (a < b ? -1 : 1))
    expect(found).toMatchObject({ index: 2, term: 1 })
    expect(state.mvcc.revision).toBe(11)
    expect(state.members.map(({ id }) => id)).toEqual(byId)
    expect(state.confState?.voters).toEqual(byId)
    const at = { index: 2, term: 1 }
    const { wal, contents } = await openWal(disk, 'member/wal', { at })
    await wal.close()
    expect(contents).toEqual({
      metadata: { nodeId: ids[1], clusterId: clusterIdOf(ids) },
      hardState: { term: 1, vote: byId[0], commit: 2 },
      entries: [],
    })
  })

  it('puts the log where it is told to', async () => {
    await mkdir(join(folder, 'logs'))
    const { exit } = await run('snapshot restore $/s.db --data-dir $/apart --wal-dir $/logs/wal')
    expect(exit).toBe(0)
    expect(await readdir(join(folder, 'apart/member'))).toEqual(['snap'])
    expect(await readdir(join(folder, 'logs/wal'))).toContainEqual(expect.stringMatching(/\.wal$/))
  })

  it('jumps ahead of revisions that somebody may have seen', async () => {
    const bump = '--bump-revision 1000 --mark-compacted'
    expect(await run(`snapshot restore $/s.db --data-dir $/ahead ${bump}`)).toMatchObject({
      exit: 0,
    })
    const { state } = await restored('ahead')
    expect(state.mvcc).toMatchObject({ revision: 1011, compactRevision: 1011, isCompacted: false })
    expect(state.mvcc.get('k1')?.modRevision).toBe(11)
  })

  it('trusts no file whose hash is wrong or missing, unless it is told to', async () => {
    const file = await readFile(join(folder, 's.db'))
    await writeFile(join(folder, 'plain.db'), file.subarray(0, -32))
    const changed = Buffer.from(file)
    changed.writeUInt8(1, changed.length - 33)
    await writeFile(join(folder, 'changed.db'), changed)
    expect((await run('snapshot restore $/plain.db --data-dir $/p')).stderr).toEqual([
      'Error: snapshot missing hash but --skip-hash-check=false',
    ])
    expect((await run('snapshot restore $/changed.db --data-dir $/p')).stderr).toEqual([
      expect.stringMatching(/^Error: expected sha256 \[[\d ]+\], got \[[\d ]+\]$/),
    ])
    await expect(stat(join(folder, 'p'))).rejects.toThrow('ENOENT')
    for (const name of ['plain', 'changed']) {
      const line = `snapshot restore $/${name}.db --data-dir $/skipped-${name} --skip-hash-check`
      expect(await run(line)).toMatchObject({ exit: 0 })
      expect((await restored(`skipped-${name}`)).state.mvcc.revision).toBe(11)
    }
  })
})

it('hashkv answers the hash at a revision', async () => {
  const { stdout } = await run('hashkv $/s.db -w json --rev 5')
  expect(JSON.parse(stdout[0] ?? '')).toEqual({
    hash: expect.any(Number),
    hashRevision: 5,
    compactRevision: -1,
  })
})

it('defrag keeps the newest state', async () => {
  expect(await run('snapshot restore $/s.db --data-dir $/old')).toMatchObject({ exit: 0 })
  expect(await run('defrag --data-dir $/old')).toEqual({ exit: 0, stdout: [], stderr: [] })
  expect(await readdir(join(folder, 'old/member/snap'))).toEqual([
    '0000000000000001-0000000000000001.db',
  ])
})

it('explains itself', async () => {
  expect((await run('version')).stdout).toEqual(['etcdutl version: 3.6.0', 'API version: 3.6'])
  expect((await run('--help')).stdout.join('\n')).toMatch(/snapshot restore +Restores an etcd/)
  const help = (await run('snapshot restore --help')).stdout.join('\n')
  expect(help).toMatch(/--skip-hash-check +Ignore snapshot integrity hash value/)
  expect((await run('completion bash')).stdout.join()).toContain('complete -o default -F _etcdutl')
})
