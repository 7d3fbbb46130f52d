import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ScriptedCluster } from './scripted-cluster.fixture.js'

/**
 * Each script tells a story from the Raft paper or the thesis: blocks of commands, `----`, and what
 * they printed. `vitest -u` rewrites the replies; understand every changed line before keeping it.
 */
const scripts = fileURLToPath(new URL('scripts/', import.meta.url))

interface Block {
  readonly head: readonly string[]
  readonly isCommand: boolean
}

const parse = (script: string): Block[] =>
  script
    .trimEnd()
    .split(/\n\n+/)
    .map((block) => block.split('\n'))
    .map((lines) => {
      const end = lines.indexOf('----')
      const head = end < 0 ? lines : lines.slice(0, end)
      return { head, isCommand: head.some((line) => !line.startsWith('#')) }
    })

function replay(script: string): string {
  const cluster = new ScriptedCluster()
  const blocks = parse(script).map(({ head, isCommand }) => {
    if (!isCommand) return head.join('\n')
    const reply = cluster.run(head.filter((line) => !line.startsWith('#')))
    return [...head, '----', ...(reply.length > 0 ? reply : ['ok'])].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

it.each(readdirSync(scripts))('%s', async (name) => {
  const script = readFileSync(scripts + name, 'utf8')
  await expect(replay(script)).toMatchFileSnapshot(scripts + name)
})
