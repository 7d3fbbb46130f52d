import { readFileSync } from 'node:fs'
import type { PodDisruptionBudget } from '@miniplane/api'
import { seededRandom } from '@miniplane/api'
import { expect, test } from 'vitest'
import { clusterOf, infoOf, nodeOf } from '../cluster.suite.js'
import { isFit, type NodeRefusal, prepareFilter } from '../framework/filter.js'
import { defaultProfile } from '../framework/profile.js'
import { planPreemption } from './preempt.js'

const SCRIPTS = ['fewest-victims', 'which-node', 'budgets']

/** Each story stands by itself; below its line of dashes is what came of it. */
function replay(story: string): string {
  const told = (story.split('\n----')[0] ?? '').trim()
  const cluster = clusterOf([])
  const budgets: PodDisruptionBudget[] = []
  const replies: string[] = []
  for (const line of told.split('\n').filter((text) => !text.startsWith('#'))) {
    const [command, name = '', ...rest] = line.split(' ')
    const given = Object.fromEntries(rest.map((word) => word.split('=')))
    if (command === 'node') cluster.setNode(nodeOf(name, { allocatable: { cpu: given.cpu } }))
    else if (command === 'pod') cluster.setPod(podInfo(name, given), rest[1] ?? '')
    else if (command === 'budget') budgets.push(budgetOf(name, Number(given.allowed)))
    else if (command === 'preempt') replies.push(`${name}: ${preempt(podInfo(name, given))}`)
    else throw new Error(`unknown command: ${line}`)
  }
  function preempt(pod: ReturnType<typeof podInfo>): string {
    const refusals = new Map<string, NodeRefusal>()
    const { filters } = defaultProfile
    for (const node of cluster.nodes) {
      const outcome = prepareFilter(pod, cluster, filters).check(node)
      if (!isFit(outcome)) refusals.set(node.name, outcome)
    }
    const random = seededRandom(1)
    const plan = planPreemption({ pod, cluster, filters, refusals, budgets, random })
    if ('message' in plan) return plan.message
    const { pods, node, budgetViolations } = plan.victims
    const names = pods.map(({ pod: victim }) => victim.metadata.name).join(', ')
    return `evict ${names} on ${node}${budgetViolations ? `, breaking ${budgetViolations}` : ''}`
  }
  return `${told}\n----\n${replies.join('\n')}\n`
}

const podInfo = (name: string, given: Record<string, string>) =>
  infoOf(name, {
    cpu: given.cpu ?? '1',
    priority: Number(given.priority ?? 0),
    labels: { app: given.app ?? 'none' },
    startTime: `2026-01-01T00:00:0${given.start ?? 0}Z`,
    spec: given.policy ? { preemptionPolicy: given.policy } : {},
  })

const budgetOf = (app: string, disruptionsAllowed: number): PodDisruptionBudget => ({
  metadata: { name: app, namespace: 'default' },
  spec: { selector: { matchLabels: { app } } },
  status: { disruptionsAllowed, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
})

test.each(SCRIPTS)('%s', async (name) => {
  const path = new URL(`testdata/${name}.txt`, import.meta.url)
  const stories = readFileSync(path, 'utf8').split(/^(?=#)/m)
  const replayed = stories.map(replay).join('\n')
  await expect(replayed).toMatchFileSnapshot(path.pathname)
})
