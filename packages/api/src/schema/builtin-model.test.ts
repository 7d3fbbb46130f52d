import { describe, expect, it } from 'vitest'
import { builtinGroups, builtinResources, namedSchema, schemaNames } from './builtin-model.js'
import { apiVersionOf, gvkOf, parseGroupVersion } from './group-version.js'
import { ResourceCatalog } from './resource-catalog.js'

const catalog = () => new ResourceCatalog(builtinResources())

describe('the built-in kinds', () => {
  it('are all there, each with a schema that has metadata or a good reason', () => {
    expect(builtinResources()).toHaveLength(68)
    const without = builtinResources().filter(({ schema }) => !schema.fields.has('metadata'))
    expect(without).toEqual([])
    expect(builtinResources().every(({ schema }) => schema.typeMeta)).toBe(true)
  })

  it('tell what discovery tells', () => {
    const deployment = catalog().byKind(gvkOf('apps/v1', 'Deployment'))
    expect(deployment).toMatchObject({
      resource: 'deployments',
      singular: 'deployment',
      listKind: 'DeploymentList',
      namespaced: true,
      shortNames: ['deploy'],
      categories: ['all'],
      storageVersionHash: '8aSe+NMegvE=',
    })
    expect(deployment?.subresources.get('scale')).toMatchObject({
      kind: 'Scale',
      group: 'autoscaling',
      version: 'v1',
    })
    expect(deployment?.subresources.get('status')).toMatchObject({
      kind: 'Deployment',
      group: 'apps',
    })
  })

  it('come in groups, the preferred version first', () => {
    expect(builtinGroups()[0]?.name).toBe('apiregistration.k8s.io')
    expect(builtinGroups().find(({ name }) => name === 'autoscaling')?.versions).toEqual([
      'v2',
      'v1',
    ])
  })
})

describe('schemas', () => {
  it('know defaults, merge keys, list types and pointers', () => {
    const spec = namedSchema('core.v1.PodSpec').fields
    expect(spec.get('containers')).toMatchObject({
      required: true,
      always: true,
      listType: 'map',
      listMapKeys: ['name'],
      patchMergeKey: 'name',
      patchStrategies: ['merge'],
    })
    expect(spec.get('volumes')?.patchStrategies).toEqual(['merge', 'retainKeys'])
    expect(spec.get('priority')?.pointer).toBe(true)
    expect(namedSchema('core.v1.ContainerPort').fields.get('protocol')?.default).toBe('TCP')
  })

  it('have inlined fields as their own, and tell what the wire calls them', () => {
    const volume = namedSchema('core.v1.Volume')
    expect(volume.fields.has('emptyDir')).toBe(true)
    expect(volume.wireInline).toMatchObject([{ name: 'volumeSource', tag: 2 }])
  })

  it('may contain themselves', () => {
    const schema = namedSchema('apiextensions.k8s.io.v1.JSONSchemaProps')
    expect(schema.fields.get('not')?.schema).toBe(schema)
  })

  it('exist for every name, and for no other', () => {
    for (const name of schemaNames()) expect(namedSchema(name).name).toBe(name)
    expect(() => namedSchema('core.v1.Nothing')).toThrow(
      'no built-in type is called core.v1.Nothing',
    )
  })
})

describe('a catalog', () => {
  it('changes with what is added and removed', () => {
    const kinds = catalog()
    const [first] = builtinResources()
    if (!first) throw new Error('no kinds')
    const { group, version, resource } = first
    expect(kinds.remove(group, version, resource)).toBe(true)
    expect(kinds.remove(group, version, resource)).toBe(false)
    expect(kinds.byKind(first)).toBeUndefined()
    kinds.add(first)
    expect(kinds.byResource(group, version, resource)).toBe(first)
    expect(kinds.all()).toHaveLength(68)
  })
})

it('group versions are read and written', () => {
  expect(parseGroupVersion('apps/v1')).toEqual({ group: 'apps', version: 'v1' })
  expect(apiVersionOf(parseGroupVersion('v1'))).toBe('v1')
  expect(() => parseGroupVersion('a/b/c')).toThrow('unexpected GroupVersion string: a/b/c')
})
