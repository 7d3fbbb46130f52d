import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { kubectls, onPath, run } from '../support/judges.js'

/** Who may do what, as kubectl shows it: roles, bindings, impersonation, tokens, certificates. */
describe.each(kubectls())('rights, with $name', ({ path }) => {
  let plane: ControlPlane
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'e2e-'))
    plane = await startControlPlane({ kubeconfigPath: join(folder, 'kubeconfig') })
  })
  afterAll(async () => {
    await plane.close()
    rmSync(folder, { recursive: true })
  })

  const attempt = (line: string) =>
    run(path, line.split(' '), {
      env: { KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder },
      cwd: folder,
    })
  /** What was printed, and by which exit code it ended if not by 0. */
  const kubectl = async (line: string) => {
    const { stdout, stderr, exit } = await attempt(line)
    return `${stdout}${stderr}${exit === 0 ? '' : `(${exit})`}`.trim()
  }

  it('a role and a binding open what they say, at once', async () => {
    expect(await kubectl('auth can-i list pods --as=bob')).toBe('no\n(1)')
    expect(await kubectl('get pods --as=bob')).toBe(
      'Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"\n(1)',
    )
    await kubectl('create role reader --verb=get,list --resource=pods,pods/log')
    await kubectl('create rolebinding bob-reads --role=reader --user=bob')
    expect(await kubectl('get pods --as=bob')).toBe('No resources found in default namespace.')
    expect(await kubectl('auth can-i delete pods --as=bob')).toBe('no\n(1)')
    expect(await kubectl('auth can-i list pods --as=bob -n kube-system')).toBe('no\n(1)')
    const list = await kubectl('auth can-i --list --as=bob')
    expect(list).toMatch(/^pods +\[\] +\[\] +\[get list\]$/m)
    expect(list).toMatch(/^pods\/log +\[\] +\[\] +\[get list\]$/m)
  })

  it('who may change what is there may not make it', async () => {
    await kubectl('create role patcher --verb=get,patch,update --resource=configmaps')
    await kubectl('create rolebinding bob-patches --role=patcher --user=bob')
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } }
    writeFileSync(join(folder, 'new.json'), JSON.stringify(manifest))
    expect(await kubectl('apply --server-side -f new.json --as=bob')).toContain(
      'configmaps "new" is forbidden: User "bob" cannot create resource "configmaps" in API group "" in the namespace "default"',
    )
    await kubectl('apply --server-side -f new.json')
    expect(await kubectl('annotate configmap new by=bob --as=bob')).toBe('configmap/new annotated')
  })

  it('nobody gives what he does not have', async () => {
    await kubectl('create rolebinding bob-edits --clusterrole=admin --user=eve')
    expect(
      await kubectl('create rolebinding more --clusterrole=cluster-admin --user=eve --as=eve'),
    ).toContain(
      'is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}',
    )
    expect(await kubectl('create rolebinding less --clusterrole=view --user=joe --as=eve')).toBe(
      'rolebinding.rbac.authorization.k8s.io/less created',
    )
  })

  it('an aggregated role grows by what is labelled for it', async () => {
    expect(await kubectl('auth can-i list widgets.example.com --as=joe')).toContain('no')
    await kubectl('create clusterrole widgets --verb=get,list --resource=pods/widgets')
    await kubectl('label clusterrole widgets rbac.authorization.k8s.io/aggregate-to-view=true')
    await eventually(async () => {
      expect(await kubectl('auth can-i list pods/p --subresource=widgets --as=joe')).toBe('yes')
    })
  })

  it('who may act as somebody else says so, for this verb or for all', async () => {
    expect(await kubectl('auth can-i impersonate users --as=bob')).toContain('no')
    await kubectl('create serviceaccount robot')
    const token = await kubectl('create token robot')
    const asRobot = (line: string) => kubectl(`--token=${token} ${line}`)
    expect(await asRobot('get pods --as=bob')).toContain(
      'User "system:serviceaccount:default:robot" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"',
    )
    await kubectl(
      'create clusterrole acts-as-bob --verb=impersonate --resource=users --resource-name=bob',
    )
    await kubectl(
      'create clusterrolebinding robot --clusterrole=acts-as-bob --serviceaccount=default:robot',
    )
    expect(await asRobot('get pods --as=bob')).toBe('No resources found in default namespace.')
    expect(await asRobot('get pods --as=jim')).toContain('impersonate-on:user-info:list')
    expect(await asRobot('auth whoami')).toContain('system:serviceaccount:default:robot')
  })

  it('a Pod’s token says where it runs, and ends with it', async () => {
    await kubectl('run p --image=nginx')
    await kubectl('wait --for=condition=Ready pod/p --timeout=20s')
    const token = await kubectl(
      'create token default --bound-object-kind=Pod --bound-object-name=p',
    )
    const who = await kubectl(`--token=${token} auth whoami`)
    expect(who).toMatch(/node-name +\[node-\d\]/)
    expect(who).toMatch(/pod-name +\[p\]/)
    await kubectl('delete pod p --now')
    expect(await kubectl(`--token=${token} auth whoami`)).toContain('Unauthorized')
  })

  it.runIf(onPath('openssl'))('a certificate that was approved is one to log in with', async () => {
    const [key, request] = [join(folder, 'key.pem'), join(folder, 'request.pem')]
    const subject = ['-subj', '/O=devs/CN=carol', '-keyout', key, '-out', request]
    const keyKind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    execFileSync('openssl', ['req', '-new', ...keyKind, ...subject], { stdio: 'ignore' })
    const manifest = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'carol' },
      spec: {
        request: readFileSync(request).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    }
    writeFileSync(join(folder, 'csr.json'), JSON.stringify(manifest))
    expect(await kubectl('create -f csr.json --as=bob')).toContain('forbidden')
    await kubectl('create -f csr.json')
    expect(await kubectl('certificate approve carol')).toBe(
      'certificatesigningrequest.certificates.k8s.io/carol approved',
    )
    const certificate = join(folder, 'certificate.pem')
    await eventually(async () => {
      const base64 = await kubectl('get csr carol -o jsonpath={.status.certificate}')
      expect(base64).not.toBe('')
      writeFileSync(certificate, Buffer.from(base64, 'base64'))
    })
    const flags = `--user=nobody --client-certificate=${certificate} --client-key=${key}`
    await kubectl('config set-credentials nobody')
    expect(await kubectl(`${flags} auth whoami`)).toMatch(
      /Username +carol\nGroups +\[devs system:authenticated\]\n.*credential-id +\[X509SHA256=/,
    )
  })
})
