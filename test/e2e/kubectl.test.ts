import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Finished, judgesRequired, kubectls, run } from '../support/judges.js'

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))

const judges = kubectls()

it.runIf(judgesRequired)('both kubectls are there to judge', () => {
  expect(judges.map(({ name }) => name)).toEqual(['kubectl on PATH', 'kubectl 1.36'])
})
if (judges.length === 0) console.warn('no kubectl on PATH: its tests are skipped')

describe.each(judges)('$name, given only the kubeconfig', ({ path }) => {
  let plane: ControlPlane
  let folder: string
  let environment: Record<string, string>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'e2e-'))
    plane = await startControlPlane({ kubeconfigPath: join(folder, 'kubeconfig') })
    environment = { KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder }
  })
  afterAll(async () => {
    await plane.close()
    rmSync(folder, { recursive: true })
  })

  /** Runs kubectl and expects it to succeed without a word of complaint. */
  const kubectl = async (line: string, stdin?: string): Promise<string> => {
    const finished = await attempt(line, stdin)
    expect(finished, `kubectl ${line}`).toMatchObject({ exit: 0, stderr: '' })
    return finished.stdout
  }
  const attempt = (
    line: string,
    stdin?: string,
    env: Record<string, string> = {},
  ): Promise<Finished> =>
    run(path, line.split(' '), {
      env: { ...environment, ...env },
      cwd: folder,
      ...(stdin === undefined ? {} : { stdin }),
    })

  it('applies, waits, gets, describes, and applies again without a change', async () => {
    expect(await kubectl(`apply -f ${example('deployment.yaml')}`)).toBe(
      'deployment.apps/web created\nservice/web created\n',
    )
    expect(await kubectl('rollout status deployment/web --timeout=20s')).toContain(
      'deployment "web" successfully rolled out',
    )
    expect(await kubectl('get deployment web --no-headers')).toMatch(/^web\s+3\/3\s+3\s+3\s+\d+/)
    expect(await kubectl('get pods -l app=web -o jsonpath={.items[*].status.phase}')).toBe(
      'Running Running Running',
    )
    const described = await kubectl('describe deployment web')
    expect(described).toContain('3 desired | 3 updated | 3 total | 3 available | 0 unavailable')
    expect(described).toMatch(/Scaled up replica set web-\w+ from 0 to 3/)
    expect(await kubectl(`apply -f ${example('deployment.yaml')}`)).toBe(
      'deployment.apps/web unchanged\nservice/web unchanged\n',
    )
  })

  it('scales, sets an image, undoes it', async () => {
    await kubectl('scale deployment/web --replicas=5')
    await kubectl('rollout status deployment/web --timeout=20s')
    await kubectl('set image deployment/web nginx=nginx:1.28')
    await kubectl('rollout status deployment/web --timeout=20s')
    const images = 'get deployment web -o jsonpath={.spec.template.spec.containers[*].image}'
    expect(await kubectl(images)).toBe('nginx:1.28')
    expect((await kubectl('rollout history deployment/web')).trim().split('\n')).toHaveLength(4)
    // 1.36 warns on stderr that the last-applied annotation stays as it was.
    expect(await attempt('rollout undo deployment/web')).toMatchObject({
      exit: 0,
      stdout: 'deployment.apps/web rolled back\n',
    })
    await kubectl('rollout status deployment/web --timeout=20s')
    expect(await kubectl(images)).toBe('nginx:1.27')
  })

  it('edits with an editor', async () => {
    const editor = join(folder, 'editor.sh')
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/replicas: 5/replicas: 2/" "$1"\n', { mode: 0o755 })
    const edited = await attempt('edit deployment/web', undefined, { KUBE_EDITOR: editor })
    expect(edited).toMatchObject({ exit: 0, stdout: 'deployment.apps/web edited\n' })
    await kubectl('rollout status deployment/web --timeout=20s')
    expect(await kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('2')
  })

  it('watches Pods come', async () => {
    const watching = attempt('get pods -l app=watched -w --request-timeout=3s -o name')
    await kubectl('create deployment watched --image=nginx')
    expect(new Set((await watching).stdout.trim().split('\n')).size).toBe(1)
    expect((await watching).stdout).toMatch(/^pod\/watched-/)
  })

  it('explains, and lists what there is', async () => {
    expect(await kubectl('explain deployment.spec')).toMatch(/replicas\s+<integer>/)
    const kinds = await kubectl('api-resources')
    expect(kinds).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m)
    expect(await kubectl('get events')).toMatch(/Scheduled\s+pod\/web-/)
  })

  it('takes a broken file, an unknown field and a wrong type for what they are', async () => {
    const broken = await attempt('apply -f -', 'a: [1\nb: }')
    expect(broken.exit).toBe(1)
    expect(broken.stderr).toMatch(/error parsing STDIN|error converting YAML to JSON/)
    const unknown = await attempt(
      'create -f -',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dat":{}}',
    )
    expect(unknown.stderr).toContain('unknown field "dat"')
    const mistyped = await attempt(
      'create --validate=false -f -',
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"replicas":"many"}}',
    )
    expect(mistyped.stderr).toContain('cannot unmarshal string into Go struct field')
  })

  it('deletes a namespace with everything in it', async () => {
    await kubectl('create namespace team')
    await kubectl('create deployment inside --image=nginx --replicas=2 -n team')
    await kubectl('rollout status deployment/inside -n team --timeout=20s')
    await kubectl('delete namespace team --timeout=20s')
    const gone = await attempt('get namespace team')
    expect(gone).toMatchObject({ exit: 1 })
    expect(gone.stderr).toContain('namespaces "team" not found')
  })

  it('deletes what it applied', async () => {
    await kubectl(`delete -f ${example('deployment.yaml')} --timeout=20s`)
    expect((await attempt('get deployment web')).exit).toBe(1)
    await kubectl('wait --for=delete pod -l app=web --timeout=20s')
  })
})
