import type {
  CertificateSigningRequest,
  EndpointSlice,
  Ingress,
  IPAddress,
  KubeObject,
  StorageClass,
  ValidatingAdmissionPolicyBinding,
} from '@miniplane/api'
import { expect, it } from 'vitest'
import { Table } from '../../negotiation/table.js'
import { ObjectForm } from '../../storage/shared-object.js'
import type { Resource } from '../resource.js'
import type { TableColumns } from '../strategy.js'
import { policyBindingTable } from './admission.js'
import {
  apiServiceTable,
  endpointSliceTable,
  flowSchemaTable,
  ingressClassTable,
  ingressTable,
  ipAddressTable,
  signingRequestTable,
} from './cluster.js'
import { scaleTable } from './scale.js'
import { storageClassTable } from './storage.js'

const CREATED = '2026-01-01T00:00:00Z'
const metadata = { name: 'x', creationTimestamp: CREATED }

/** The cells of a table by the names of its columns; what has no column is told as it comes. */
function cellsOf<T extends KubeObject>(
  table: TableColumns<T>,
  object: unknown,
): Readonly<Record<string, unknown>> {
  const cells = table.cells(
    { metadata, ...(object as object) } as unknown as T,
    Date.parse(CREATED),
  )
  return Object.fromEntries(cells.map((cell, i) => [table.columns[i]?.name ?? i, cell]))
}

it.each<[string[], string]>([
  [[], '*'],
  [['', ''], '*'],
  [['a', '', 'b'], 'a,b'],
  [['a', 'b', 'c', 'd', 'e'], 'a,b,c + 2 more...'],
])('an Ingress for the hosts %j shows %s', (hosts, text) => {
  const rules = hosts.map((host) => ({ host }))
  const spec = { rules } as Ingress['spec']
  expect(cellsOf(ingressTable, { spec, status: {} })).toMatchObject({ Hosts: text })
})

it('an Ingress whose class is but an annotation has none to show', () => {
  const annotated = { ...metadata, annotations: { 'kubernetes.io/ingress.class': 'c' } }
  const ingress = { metadata: annotated, spec: {}, status: {} }
  expect(cellsOf(ingressTable, ingress)).toMatchObject({ Class: '<none>', Ports: '80' })
})

it('the IngressClass for those who name none says so', () => {
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
  const one = { metadata: { ...metadata, annotations }, spec: { controller: 'a.b/c' } }
  expect(cellsOf(ingressClassTable, one)).toMatchObject({ Name: 'x (default)' })
})

it('ports of an EndpointSlice are numbers, or the names of all there are', () => {
  const ports = [{ port: 80 }, { name: 'web' }, {}] as EndpointSlice['ports']
  const cells = cellsOf(endpointSliceTable, { addressType: 'IPv4', ports, endpoints: [] })
  expect(cells).toMatchObject({ Ports: '80,web,*', Endpoints: '<unset>' })
})

it.each<[string[], boolean, string]>([
  [[], false, 'Pending'],
  [['Approved'], true, 'Approved,Issued'],
  [['Approved', 'Failed'], false, 'Approved,Failed'],
  [['Approved', 'Denied'], false, 'Denied'],
])('a request with the conditions %j (issued: %s) is %s', (types, isIssued, text) => {
  const status = {
    conditions: types.map((type) => ({ type, status: 'True' })),
    ...(isIssued && { certificate: 'eA==' }),
  } as CertificateSigningRequest['status']
  const cells = cellsOf(signingRequestTable, { spec: {}, status })
  expect(cells).toMatchObject({ Condition: text, SignerName: '<none>' })
})

it('an IPAddress has an age without a column', () => {
  const spec = { parentRef: { resource: 'Services', namespace: 'n', name: 's' } }
  expect(cellsOf(ipAddressTable, { spec } as unknown as IPAddress)).toEqual({
    Name: 'x',
    ParentRef: 'services/n/s',
    2: '0s',
  })
})

it('flow schemas stand in the order in which they are tried', () => {
  const schema = (name: string, matchingPrecedence: number) =>
    ({ metadata: { name }, spec: { matchingPrecedence } }) as Parameters<
      NonNullable<typeof flowSchemaTable.compare>
    >[0]
  const all = [schema('a', 9), schema('c', 1), schema('b', 1)]
  const sorted = all.toSorted((a, b) => flowSchemaTable.compare?.(a, b) ?? 0)
  expect(sorted.map((one) => one.metadata.name)).toEqual(['b', 'c', 'a'])
})

it.each<[object, string]>([
  [{ name: 'p', namespace: 'n' }, 'n/p'],
  [{ name: 'p' }, '*/p'],
  [
    {
      selector: {
        matchLabels: { b: '1', a: '2' },
        matchExpressions: [{ key: 'k', operator: 'In', values: ['x', 'y'] }],
      },
    },
    '&LabelSelector{MatchLabels:map[string]string{a: 2,b: 1,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}',
  ],
])('the parameters %j of a binding', (paramRef, text) => {
  const spec = { policyName: 'p', paramRef }
  const binding = { spec } as unknown as ValidatingAdmissionPolicyBinding
  expect(cellsOf(policyBindingTable, binding)).toMatchObject({ ParamRef: text })
})

it('a StorageClass may be the default, and can grow or not', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  const one = { metadata: { ...metadata, annotations }, provisioner: 'p' } as StorageClass
  const cells = cellsOf(storageClassTable, one)
  expect(cells).toMatchObject({ Name: 'x (default)', AllowVolumeExpansion: false })
})

it('a scale has columns of its own, whatever it is of', () => {
  const scale = { spec: { replicas: 3 }, status: { replicas: 2 } }
  expect(cellsOf(scaleTable, scale)).toEqual({ Name: 'x', Desired: 3, Available: 2, Age: '0s' })
})

it.each([
  ['an Ingress', ingressTable, false],
  ['an APIService', apiServiceTable, true],
])('a later event of %s names the columns again: %s', (_, table, isNamed) => {
  const one = new ObjectForm({ metadata, spec: {}, status: {} } as unknown as KubeObject, true)
  const options = { version: 'v1', metadata: {}, include: 'None', nowMs: 0, withColumns: false }
  const resource = { strategy: { table } } as unknown as Resource
  const { columnDefinitions } = new Table(resource, [one], options as never).object as {
    columnDefinitions: unknown
  }
  expect(columnDefinitions !== null).toBe(isNamed)
})
