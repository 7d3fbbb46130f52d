import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type ApiResponse, builtinResources, ManualClock, ResourceCatalog } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import type { RequestContext } from '../pipeline/stage.js'
import { OpenApi } from './openapi.js'

const openApi = new OpenApi(new ResourceCatalog(builtinResources()), new ManualClock())

async function get(url: string, headers: Record<string, string> = {}): Promise<ApiResponse> {
  const [path = '', query] = url.split('?')
  const request = { method: 'GET', path, query: new URLSearchParams(query), headers }
  const context = { request } as unknown as RequestContext
  return openApi.handle(context, path.split('/').slice(2).filter(Boolean))
}

const bytesOf = ({ body }: ApiResponse): Buffer =>
  Buffer.from(body.kind === 'bytes' ? body.bytes : [])

interface OperationJson {
  readonly operationId: string
  readonly responses: Record<string, { readonly schema?: { readonly $ref?: string } }>
  readonly description?: string
  readonly parameters?: readonly { readonly name?: string; readonly $ref?: string }[]
  readonly 'x-kubernetes-action'?: string
}

interface DocumentJson {
  readonly paths: Record<string, Record<string, OperationJson>>
  readonly parameters: Record<string, { readonly name: string; readonly description?: string }>
}

const jsonOf = (answer: ApiResponse): DocumentJson => JSON.parse(bytesOf(answer).toString())

const operationsOf = ({ paths }: DocumentJson): OperationJson[] =>
  Object.values(paths).flatMap((item) =>
    Object.entries(item).flatMap(([key, operation]) => (key === 'parameters' ? [] : [operation])),
  )

const generated = new URL(
  '../../../../node_modules/@kubernetes/client-node/dist/gen/types/ObjectParamAPI.d.ts',
  import.meta.url,
)

/**
 * What the real document of the same version made a client of: `CoreV1Api ReadNamespacedPod` → the
 * model that it answers, such as `V1Pod`.
 */
function generatedOperations(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const classes = readFileSync(generated, 'utf8')
    .split(/^export declare class Object/m)
    .slice(1)
  for (const text of classes) {
    const api = /^\w+/.exec(text)?.[0] ?? ''
    for (const [, name = '', model = ''] of text.matchAll(
      /^ {4}(\w+)\(param\??: .*Promise<(\w+)>/gm,
    ))
      if (!name.endsWith('WithHttpInfo'))
        found.set(`${api} ${name.charAt(0).toUpperCase()}${name.slice(1)}`, model)
  }
  return found
}

/** As a generator takes an operation's name apart. */
function asGenerated({ operationId }: OperationJson, apis: ReadonlySet<string>): string {
  for (const api of apis) {
    const prefix = api.slice(0, -'Api'.length)
    const at = operationId.indexOf(prefix)
    if (at < 0 || !/^[a-z]+$/.test(operationId.slice(0, at))) continue
    const name = operationId.slice(0, at) + operationId.slice(at + prefix.length)
    return `${api} ${name.charAt(0).toUpperCase()}${name.slice(1)}`
  }
  return operationId
}

/** The type that an operation answers, without its group and version. */
const modelOf = ({ responses }: OperationJson): string =>
  responses[200]?.schema?.$ref?.replace(/.*\./, '') ?? 'string'

describe('the document of version 2', () => {
  it.skipIf(!existsSync(generated))(
    'has the operations that clients are generated from',
    async () => {
      const ours = operationsOf(jsonOf(await get('/openapi/v2')))
      const theirs = generatedOperations()
      const served = new Set(
        builtinResources().map(({ group, version }) => {
          const word = group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')
          const words = [...word.split('.'), version]
          return `${words.map((one) => one.charAt(0).toUpperCase() + one.slice(1)).join('')}Api`
        }),
      )
      const answers = new Map(ours.map((one) => [asGenerated(one, served), modelOf(one)]))
      const wanted = [...theirs].filter(([name]) => served.has(name.split(' ', 1)[0] ?? ''))
      expect(wanted.length).toBeGreaterThan(600)
      const wrong = wanted.filter(([name, model]) => {
        const answer = answers.get(name)
        return answer === undefined || (model !== 'any' && !model.endsWith(answer))
      })
      expect(wrong).toEqual([])
    },
  )

  it('says what each operation and parameter is for', async () => {
    const document = jsonOf(await get('/openapi/v2'))
    const operations = operationsOf(document)
    expect(operations.filter(({ description }) => !description)).toEqual([])
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    const parameters = Object.values(document.parameters)
    expect(parameters.filter((one) => one.name !== 'body' && !one.description)).toEqual([])
    const patch = document.paths['/api/v1/namespaces/{namespace}/pods/{name}']?.patch
    const names = patch?.parameters?.map(({ name, $ref }) => name ?? $ref?.replace(/.*\/|-.*/g, ''))
    expect(names).toEqual(['body', 'dryRun', 'fieldManager', 'fieldValidation', 'force'])
  })

  it('is JSON or protobuf, as the client likes, and compressed if it takes that', async () => {
    const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
    const old = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    for (const accept of [protobuf, old]) {
      const { headers } = await get('/openapi/v2', { accept })
      expect(headers['content-type']).toBe(protobuf)
    }
    expect((await get('/openapi/v2', { accept: 'text/html' })).status).toBe(406)
    const plain = await get('/openapi/v2')
    const answer = await get('/openapi/v2', { 'accept-encoding': 'gzip' })
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(bytesOf(answer)).equals(bytesOf(plain))).toBe(true)
  })
})

describe('the documents of version 3', () => {
  it('are in an index, each under a hash that lets clients keep it', async () => {
    const index = JSON.parse(bytesOf(await get('/openapi/v3')).toString())
    expect(Object.keys(index.paths)).toEqual(
      expect.arrayContaining(['api', 'api/v1', 'apis', 'apis/apps', 'apis/apps/v1', 'version']),
    )
    const url: string = index.paths['apis/apps/v1'].serverRelativeURL
    expect(url).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
    const { status, headers } = await get(url)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'cache-control': 'public, immutable',
      etag: `"${url.split('=')[1]}"`,
      vary: 'Accept',
    })
  })

  it('tell of what every group version has for themselves alone', async () => {
    const { components } = jsonOf(await get('/openapi/v3/apis/batch/v1')) as unknown as {
      components: { schemas: Record<string, Record<string, unknown>> }
    }
    const options = components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']
    expect(options?.['x-kubernetes-group-version-kind']).toEqual([
      { group: '', version: 'v1', kind: 'DeleteOptions' },
      { group: 'batch', version: 'v1', kind: 'DeleteOptions' },
    ])
  })

  it('have moved when they are asked for by an old hash', async () => {
    const { status, headers } = await get('/openapi/v3/apis/apps/v1?hash=00')
    const index = JSON.parse(bytesOf(await get('/openapi/v3')).toString())
    expect([status, headers.location]).toEqual([301, index.paths['apis/apps/v1'].serverRelativeURL])
  })

  it('are not sent to who has them', async () => {
    const { headers } = await get('/openapi/v3/api/v1')
    const etag = String(headers.etag)
    for (const tag of [etag, `"other", ${etag}`, '*'])
      expect((await get('/openapi/v3/api/v1', { 'if-none-match': tag })).status).toBe(304)
    expect((await get('/openapi/v3/api/v1', { 'if-none-match': '"other"' })).status).toBe(200)
    const since = String(headers['last-modified'])
    expect((await get('/openapi/v3/api/v1', { 'if-modified-since': since })).status).toBe(304)
  })

  it('are there in protobuf, and not where nothing is served', async () => {
    const accept = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf'
    const { headers, body } = await get('/openapi/v3/apis/batch/v1', { accept })
    expect([headers['content-type'], body.kind]).toEqual([accept, 'bytes'])
    expect((await get('/openapi/v3/apis/nope.example.com/v1')).status).toBe(404)
  })
})
