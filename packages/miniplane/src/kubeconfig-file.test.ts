import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseYaml, toYaml } from '@miniplane/api'
import { afterAll, describe, expect, it } from 'vitest'
import { kubeconfigText, removeKubeconfig, writeKubeconfig } from './kubeconfig-file.js'

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const textOf = (token: string) =>
  kubeconfigText({ server: 'https://127.0.0.1:1', certificateAuthority: 'CA', token })

interface Config {
  clusters: { name: string }[]
  contexts: { context: { namespace?: string } }[]
}

/** As `kubectl config` writes it back: without the comment. */
const rewritten = (text: string, change: (config: Config) => void): string => {
  const config = parseYaml(text).value as unknown as Config
  change(config)
  return toYaml(config)
}
const inShop = ({ contexts: [first] }: Config) => {
  if (first) first.context.namespace = 'shop'
}
const withAnother = ({ clusters }: Config) => void clusters.push({ name: 'production' })

describe('the kubeconfig of a plane', () => {
  const path = join(folder, 'kubeconfig')

  it.each([
    ['as it was written', textOf('A'), true],
    ['in which somebody chose a namespace', rewritten(textOf('A'), inShop), true],
    ['with another cluster in it', rewritten(textOf('A'), withAnother), false],
    ['of another plane', textOf('B'), false],
    ['that is none', 'nonsense: [', false],
  ])('%s: is it removed?', (_, text, isRemoved) => {
    writeFileSync(path, text)
    removeKubeconfig(path, 'A')
    expect(existsSync(path)).toBe(!isRemoved)
  })

  it.each([
    ['of an earlier plane', textOf('A')],
    ['in which somebody chose a namespace', rewritten(textOf('A'), inShop)],
  ])('takes the place of one %s', (_, text) => {
    writeFileSync(path, text)
    writeKubeconfig(path, textOf('C'))
    expect(readFileSync(path, 'utf8')).toBe(textOf('C'))
  })

  it.each([
    ['with another cluster in it', rewritten(textOf('A'), withAnother)],
    ['that is empty', ''],
    ['that is none', 'nonsense: ['],
  ])('and leaves one alone %s', (_, text) => {
    writeFileSync(path, text)
    expect(() => writeKubeconfig(path, textOf('C'))).toThrow("is not miniplane's")
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})
