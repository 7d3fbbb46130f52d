import type { CausalRecord } from '@miniplane/api'
import pc from 'picocolors'
import type { CausalNode } from './causal-tree.js'

/** The trees as lines: who did what to which object, when, and what it reacted to. */
export function treeLines(roots: readonly CausalNode[], colored: boolean): string[] {
  const colors = pc.createColors(colored)
  const [first] = roots
  const startMs = first?.record.timeMs ?? 0
  const lines: string[] = []
  const write = (node: CausalNode, lead: string, below: string): void => {
    lines.push(`${colors.dim(lead)}${nodeText(node, startMs, colors)}`)
    for (const [at, child] of node.children.entries()) {
      const isLast = at === node.children.length - 1
      write(child, `${below}${isLast ? '└─ ' : '├─ '}`, `${below}${isLast ? '   ' : '│  '}`)
    }
  }
  for (const root of roots) write(root, '', '')
  return lines
}

type Colors = ReturnType<typeof pc.createColors>

function nodeText(
  { record, edge, alsoReactedTo }: CausalNode,
  startMs: number,
  colors: Colors,
): string {
  const parts = [
    colors.dim(`+${formatMs(record.timeMs - startMs)}`),
    colors.cyan(actorOf(record)),
    `${record.verb} ${objectOf(record)}`,
    colors.dim(`@${record.revision}`),
  ]
  if (record.summary) parts.push(colors.green(record.summary))
  if (alsoReactedTo.length > 0) {
    parts.push(colors.dim(`(also reacted to @${alsoReactedTo.join(' @')})`))
  }
  if (edge && edge !== 'recorded') parts.push(colors.yellow(`[${edge}]`))
  return parts.join('  ')
}

/** A component by its name, a person by program and user. */
export function actorOf({ cause, userAgent, user }: CausalRecord): string {
  if (cause) return cause.actor
  const program = userAgent.split(/[/ ]/, 1)[0] || 'unknown client'
  return `${program} (${user})`
}

/** `deployments.apps default/web` with its subresource */
function objectOf({ resource, key, subresource }: CausalRecord): string {
  const [group = '', name = ''] = resource.split('/')
  const plural = group === '' ? name : `${name}.${group}`
  return `${plural}${subresource ? `/${subresource}` : ''} ${key}`
}

const formatMs = (ms: number): string =>
  ms < 10_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(1)} s`
