import type { ConfigMap, KubeObject, Secret, ServiceAccount } from '@miniplane/api'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { writeIdentity, writeList } from './text.js'

const byKey = <T>(map: Readonly<Record<string, T>> | undefined): [string, T][] =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))

export async function describeConfigMap(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { data, binaryData } = object as unknown as ConfigMap
  writeIdentity(writer, object)
  writer.raw('\nData\n====\n')
  for (const [key, value] of byKey(data)) writer.raw(`${key}:\n----\n${value}\n\n`)
  writer.raw('\nBinaryData\n====\n')
  for (const [key, value] of byKey(binaryData)) {
    writer.raw(`${key}: ${Buffer.from(value, 'base64').length} bytes\n`)
  }
  writer.raw('\n')
  await writeEvents(object, context)
}

export async function describeSecret(object: KubeObject, { writer }: DescribeContext) {
  const { data, type } = object as unknown as Secret
  writeIdentity(writer, object)
  writer.raw(`\nType:\t${type ?? ''}\n\nData\n====\n`)
  for (const [key, value] of byKey(data)) {
    const bytes = Buffer.from(value, 'base64')
    const isToken = key === 'token' && type === 'kubernetes.io/service-account-token'
    writer.field(key, isToken ? bytes.toString('utf8') : `${bytes.length} bytes`)
  }
}

export async function describeServiceAccount(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { imagePullSecrets = [] } = object as unknown as ServiceAccount
  writeIdentity(writer, object)
  writeList(
    writer,
    'Image pull secrets',
    imagePullSecrets.map(({ name = '' }) => name),
  )
  await writeEvents(object, context)
}
