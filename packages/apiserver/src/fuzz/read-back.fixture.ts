import { apiVersionOf, builtinResources, encodeJsonText, type KubeObject } from '@miniplane/api'
import { collectionOf, type FuzzedServer, type FuzzRequest } from './fuzzed-server.fixture.js'
import { sampleOf } from './samples.fixture.js'

const READ_AS = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;g=meta.k8s.io;v=v1',
]

/** Makes an object of every kind that can be made, by the names that patches are sent to. */
export async function fill(fuzzed: FuzzedServer): Promise<void> {
  for (const definition of builtinResources()) {
    const { kind, verbs } = definition
    if (!verbs.includes('create')) continue
    for (const name of ['a', 'b']) {
      const sample = sampleOf(apiVersionOf(definition), kind, name)
      const request = {
        method: 'POST',
        url: collectionOf(definition),
        body: encodeJsonText(sample),
      }
      if (sample) await fuzzed.ask(request)
    }
  }
}

/**
 * What is wrong with what is stored: that it can't be read in some form, or that its own update
 * with what was read is refused or changes it.
 */
export async function unreadable(fuzzed: FuzzedServer): Promise<string[]> {
  const problems: string[] = []
  for (const definition of builtinResources()) {
    const { verbs, kind } = definition
    const apiVersion = apiVersionOf(definition)
    if (!verbs.includes('list')) continue
    const url = collectionOf({ ...definition, namespaced: false })
    for (const accept of READ_AS) {
      const request: FuzzRequest = { method: 'GET', url, headers: { accept } }
      for (const problem of await fuzzed.problemsWith(request))
        problems.push(`${url} as ${accept}: ${problem}`)
      const { status, text } = await fuzzed.ask(request)
      if (status !== 200) problems.push(`${url} as ${accept}: ${status} ${text}`)
    }
    // What the old version of events takes, the new one is too strict for.
    if (!verbs.includes('update') || definition.group === 'events.k8s.io') continue
    const { items } = JSON.parse((await fuzzed.ask({ method: 'GET', url })).text) as {
      items: KubeObject[]
    }
    for (const item of items) {
      const one = { ...item, apiVersion, kind }
      const { name = '', namespace } = one.metadata
      const path = `${collectionOf(definition, namespace)}/${encodeURIComponent(name)}`
      const { status, text } = await fuzzed.ask({
        method: 'PUT',
        url: path,
        body: encodeJsonText(one),
      })
      const isSame =
        status === 200 &&
        (JSON.parse(text) as KubeObject).metadata.resourceVersion === one.metadata.resourceVersion
      if (!isSame && !isUnsettled(one))
        problems.push(`PUT ${path}: ${status} ${text}\nof ${encodeJsonText(one)}`)
    }
  }
  return problems
}

/**
 * What the real server changes too when it is written again. A scaled object has two entries of one
 * manager until then; and templates give their labels to a Job or controller that has none.
 */
function isUnsettled({ kind, metadata, apiVersion }: KubeObject): boolean {
  const entries = (metadata.managedFields ?? []).map(
    ({ manager, operation, subresource }) => `${manager} ${operation} ${subresource}`,
  )
  if (new Set(entries).size < entries.length) return true
  const takesLabels = /^(batch\/v1 Job|v1 ReplicationController)$/
  return takesLabels.test(`${apiVersion} ${kind}`) && !metadata.labels
}
