import { isEqual, isQualifiedName, isValidLabelValue, type Node, type Taint } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { printFlags } from '../printers/print-flags.js'
import type { Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import { sendPatch } from '../write/write.js'
import { dryRunFlag, dryRunOf } from './dry-run.js'
import { resultPrinter } from './result-printer.js'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

interface TaintChange {
  readonly key: string
  readonly value: string
  /** Empty in a removal: every effect. */
  readonly effect: string
}

export const taint = defineCommand({
  usage: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]',
  summary: 'Update the taints on one or more nodes',
  examples: [
    'kubectl taint nodes node-1 dedicated=db:NoSchedule',
    'kubectl taint nodes node-1 dedicated-',
  ],
  flags: {
    ...printFlags,
    all: flag.bool('Select all nodes in the cluster'),
    dryRun: dryRunFlag,
    fieldManager: flag.string('Name of the manager used to track field ownership.', {
      default: 'kubectl-taint',
    }),
    overwrite: flag.bool(
      'If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints.',
    ),
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  },
  async run(session, { args, flags, path }) {
    const isChange = (word: string) => /[=:]/.test(word) || word.endsWith('-')
    const first = args.findIndex(isChange)
    if (args.length === 0) {
      throw new CommandError('one or more resources must be specified as <resource> <name>')
    }
    if (first < 0) throw new CommandError('at least one taint update is required')
    const { set, remove } = parseChanges(args.slice(first), path)
    const [type = ''] = args[0]?.split('/') ?? []
    if (!['node', 'nodes', 'no'].includes(type.toLowerCase())) {
      throw new CommandError(`invalid resource type ${type}, only node types are supported`)
    }
    const dryRun = dryRunOf(flags.dryRun)
    // kubectl forgets to say that it was a dry run.
    const print = await resultPrinter(session, flags, 'none')
    const { all, selector } = flags
    const visited = await resolveInfos(session, {
      args: args.slice(0, first),
      all,
      selector,
      latest: true,
    })
    const errors = [...visited.errors]
    for (const info of visited.infos) {
      try {
        const old = (info.object as unknown as Node).spec?.taints ?? []
        const taints = changed(info, old, set, remove, flags.overwrite)
        const done = outcome(old, taints, set, remove)
        if (dryRun !== 'client' && !isEqual(old, taints)) {
          const body = { spec: { taints: taints.length > 0 ? taints : null } }
          const { fieldManager } = flags
          print(await sendPatch(session, info, body, { dryRun, type: 'merge', fieldManager }), done)
        } else print(info.object, done)
      } catch (error) {
        errors.push(asError(error))
      }
    }
    throwCollected(errors)
  },
})

function parseChanges(words: readonly string[], path: string) {
  const set: TaintChange[] = []
  const remove: TaintChange[] = []
  for (const word of words) {
    const isRemoval = word.endsWith('-')
    const text = isRemoval ? word.slice(0, -1) : word
    const [pair = '', effect = '', ...more] = text.split(':')
    if (more.length > 0) throw usageError(path, `invalid taint spec: ${text}`)
    const [key = '', value = ''] = pair.split('=', 2)
    if (effect !== '' && !EFFECTS.includes(effect)) {
      throw usageError(path, `invalid taint effect: ${effect}, unsupported taint effect`)
    }
    // Without an effect all of it is taken for the key.
    const problems = [
      ...isValidLabelValue(effect === '' ? '' : value),
      ...isQualifiedName(effect === '' ? text : key),
    ]
    if (problems.length > 0 || (!isRemoval && effect === '')) {
      throw usageError(path, [`invalid taint spec: ${text}`, ...problems].join(', '))
    }
    if (!isRemoval && set.some((one) => one.key === key && one.effect === effect)) {
      throw usageError(
        path,
        `duplicated taints with the same key and effect: {${key} ${value} ${effect} <nil>}`,
      )
    }
    ;(isRemoval ? remove : set).push({ key, value, effect })
  }
  const both = remove.filter((one) =>
    set.some(({ key, effect }) => key === one.key && (one.effect === '' || effect === one.effect)),
  )
  if (both.length > 0) {
    const named = both.map(({ key, effect }) => `${key}=${effect}`).join(', ')
    throw new CommandError(
      `can not both modify and remove the following taint(s) in the same command: ${named}`,
    )
  }
  return { set, remove }
}

function changed(
  info: Info,
  old: readonly Taint[],
  set: readonly TaintChange[],
  remove: readonly TaintChange[],
  overwrite: boolean,
): Taint[] {
  const same = (a: Taint, b: TaintChange) => a.key === b.key && a.effect === b.effect
  const taken = set.filter((one) => old.some((taint) => same(taint, one)))
  if (taken.length > 0 && !overwrite) {
    const keys = taken.map(({ key }) => key).join(',')
    throw new CommandError(
      `node ${info.name} already has ${keys} taint(s) with same effect(s) and --overwrite is false`,
    )
  }
  const removes = (taint: Taint, one: TaintChange) =>
    taint.key === one.key && (one.effect === '' || taint.effect === one.effect)
  for (const one of remove) {
    if (old.some((taint) => removes(taint, one))) continue
    const name = one.effect === '' ? one.key : `${one.key}:${one.effect}`
    throw new CommandError(`taint "${name}" not found`)
  }
  const kept = old.filter(
    (taint) => !set.some((one) => same(taint, one)) && !remove.some((one) => removes(taint, one)),
  )
  const added = set.map(({ key, value, effect }) => ({ key, ...(value ? { value } : {}), effect }))
  return [...added, ...kept]
}

function outcome(
  old: readonly Taint[],
  now: readonly Taint[],
  set: readonly TaintChange[],
  remove: readonly TaintChange[],
): string {
  const overwritten = set.some((one) =>
    old.some(({ key, effect }) => key === one.key && effect === one.effect),
  )
  if (overwritten) return 'modified'
  if (set.length > 0 && remove.length > 0) return 'modified'
  return now.length > old.length ? 'tainted' : 'untainted'
}
