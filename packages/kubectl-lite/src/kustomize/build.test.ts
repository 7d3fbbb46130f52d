import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { buildKustomization } from './build.js'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Builds `k` of a folder with these files; `…/` stands for the folder in what it says. */
function build(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kustomize-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const warnings: string[] = []
  try {
    const text = buildKustomization({ folder, path: 'k', warn: (line) => warnings.push(line) })
    return warnings.join('') + text
  } catch (error) {
    return `error: ${(error as Error).message.replaceAll(`${folder}/`, '…/')}`
  }
}

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: web, image: "nginx:1.27", envFrom: [{configMapRef: {name: conf}}]}
  volumes: [{name: s, secret: {secretName: pass}}]
`

describe('buildKustomization', () => {
  it('renames what is referred to, and what refers to it', () => {
    const kustomization = `
resources: [pod.yaml]
namePrefix: dev-
namespace: here
images: [{name: nginx, newTag: "1.28"}]
configMapGenerator: [{name: conf, literals: [color=blue]}]
secretGenerator: [{name: pass, literals: [p=q], options: {disableNameSuffixHash: true}}]
`
    expect(build({ 'k/kustomization.yaml': kustomization, 'k/pod.yaml': POD })).toBe(`apiVersion: v1
data:
  color: blue
kind: ConfigMap
metadata:
  name: dev-conf-747dfcb89d
  namespace: here
---
apiVersion: v1
data:
  p: cQ==
kind: Secret
metadata:
  name: dev-pass
  namespace: here
type: Opaque
---
apiVersion: v1
kind: Pod
metadata:
  labels:
    app: web
  name: dev-web
  namespace: here
spec:
  containers:
  - envFrom:
    - configMapRef:
        name: dev-conf-747dfcb89d
    image: nginx:1.28
    name: web
  volumes:
  - name: s
    secret:
      secretName: dev-pass
`)
  })

  it('puts what a strategic patch names first, after the base has been built', () => {
    const patch = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: side, image: x}], volumes: [{name: s, $patch: delete}]}
`
    const files = {
      'k/kustomization.yaml':
        'resources: [../base]\nnameSuffix: -two\npatches: [{path: patch.yaml}]\n',
      'k/patch.yaml': patch,
      'base/kustomization.yaml': 'resources: [pod.yaml]\ncommonLabels: {env: dev}\n',
      'base/pod.yaml': POD,
    }
    expect(
      build(files),
    ).toBe(`# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your Kustomization automatically.
apiVersion: v1
kind: Pod
metadata:
  labels:
    app: web
    env: dev
  name: web-two
spec:
  containers:
  - image: x
    name: side
  - envFrom:
    - configMapRef:
        name: conf
    image: nginx:1.27
    name: web
  volumes: []
`)
  })

  it('lets a component and replacements change what is there', () => {
    const files = {
      'k/kustomization.yaml': `
resources: [pod.yaml]
components: [../comp]
replacements:
- source: {kind: Pod, fieldPath: "spec.containers.[name=web].image"}
  targets: [{select: {kind: Pod}, fieldPaths: [metadata.labels.image], options: {create: true}}]
`,
      'k/pod.yaml': POD,
      'comp/kustomization.yaml': `
kind: Component
patches:
- {target: {kind: P.*}, patch: '[{"op": "remove", "path": "/spec/volumes"}]'}
`,
    }
    const text = build(files)
    expect(text).toContain('    image: nginx:1.27\n  name: web')
    expect(text).not.toContain('volumes')
  })

  it.each([
    ['resource: [a]', 'error: invalid Kustomization: json: unknown field "resource"'],
    ['', 'error: kustomization.yaml is empty'],
    [
      'resources: a',
      'error: invalid Kustomization: json: cannot unmarshal string into Go struct field Kustomization.resources of type []string',
    ],
    [
      'resources: [pod.yaml, pod.yaml]',
      "error: accumulating resources: accumulation err='merging resources from 'pod.yaml': may not add resource with an already registered id: Pod.v1.[noGrp]/web.[noNs]': must build at directory: '…/k/pod.yaml': file is not directory",
    ],
    [
      'resources: [../k]',
      "error: accumulating resources: accumulation err='accumulating resources from '../k': '…/k' must resolve to a file': cycle detected: candidate root '…/k' contains visited root '…/k'",
    ],
    [
      'resources: [pod.yaml]\npatches: [{patch: "{apiVersion: v1, kind: Pod, metadata: {name: x}}"}]',
      'error: no resource matches strategic merge patch "Pod.v1.[noGrp]/x.[noNs]": no matches for Id Pod.v1.[noGrp]/x.[noNs]; failed to find unique target for patch Pod.v1.[noGrp]/x.[noNs]',
    ],
    [
      'configMapGenerator: [{name: a, literals: [x]}]',
      'error: loading KV pairs: literal sources [x]: invalid literal source x, expected key=value',
    ],
  ])('says what is wrong with %j', (text, error) => {
    expect(build({ 'k/kustomization.yaml': text, 'k/pod.yaml': POD })).toBe(error)
  })
})
