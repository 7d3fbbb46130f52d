import { textOf } from './hosted-member.fixture.js'
import type { ConfState, Entry, Message, ProgressStatus, RaftStatus, Ready } from './types.js'

/** Entries are `term/index "data"`, as in `2/5 "x"`. */
export function printEntry({ term, index, type, data }: Entry): string {
  const what = type === 'EntryNormal' ? '' : 'change '
  return `${term}/${index} ${what}"${textOf(data)}"`
}

export const printMessage = (message: Message): string =>
  `${message.from}→${message.to} ${message.type}${message.term ? ` term ${message.term}` : ''}${details(message)}`

function details(message: Message): string {
  const { logTerm = 0, index = 0, entries = [], commit = 0, reject, rejectHint } = message
  const context = textOf(entries[0]?.data ?? new Uint8Array())
  switch (message.type) {
    case 'MsgVote':
    case 'MsgPreVote':
      return `, last ${logTerm}/${index}${message.context ? ', transfer' : ''}`
    case 'MsgVoteResp':
    case 'MsgPreVoteResp':
      return reject ? ', no' : ', yes'
    case 'MsgApp':
      return `, after ${logTerm}/${index}: ${entries.map(printEntry).join(' ') || 'nothing'}, commit ${commit}`
    case 'MsgAppResp':
      return reject ? `, no ${index}; agree at ${logTerm}/${rejectHint}?` : `, has ${index}`
    case 'MsgHeartbeat':
      return `, commit ${commit}${round(message)}`
    case 'MsgHeartbeatResp':
      return round(message)
    case 'MsgSnap':
      return `, up to ${message.snapshot?.metadata?.term}/${message.snapshot?.metadata?.index}`
    case 'MsgProp':
    case 'MsgReadIndex':
      return ` "${context}"`
    case 'MsgReadIndexResp':
      return ` "${context}" at ${index}`
    default:
      return ''
  }
}

function round({ context }: Message): string {
  return context ? `, round ${new DataView(context.buffer, context.byteOffset).getFloat64(0)}` : ''
}

export function printRole({ softState }: Ready, { id, term }: RaftStatus): string[] {
  if (softState === undefined) return []
  if (softState.role === 'leader') return [`${id}: leads term ${term}`]
  if (softState.leader) return [`${id}: follows ${softState.leader} in term ${term}`]
  return [`${id}: ${softState.role}, term ${term}`]
}

export function printDone({ snapshot, committedEntries, readStates }: Ready, id: bigint): string[] {
  const lines: string[] = []
  if (snapshot) lines.push(`restores the state at ${snapshot.metadata?.index}`)
  if (committedEntries.length > 0)
    lines.push(`applies ${committedEntries.map(printEntry).join(' ')}`)
  for (const { context, index } of readStates) lines.push(`reads "${textOf(context)}" at ${index}`)
  return lines.map((line) => `${id}: ${line}`)
}

export function printStatus(status: RaftStatus): string {
  const { id, role, term, vote, commit, lastIndex, leadTransferee } = status
  const transfer = leadTransferee ? `, hands over to ${leadTransferee}` : ''
  return `${id}: ${role}, term ${term}, vote ${vote || 'none'}, commit ${commit} of ${lastIndex}${transfer}`
}

export function printConf(conf: ConfState): string {
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = conf
  const parts = [`voters ${voters.join(' ')}`]
  if (votersOutgoing.length > 0) parts.push(`outgoing ${votersOutgoing.join(' ')}`)
  if (learners.length > 0) parts.push(`learners ${learners.join(' ')}`)
  if (learnersNext.length > 0) parts.push(`learners next ${learnersNext.join(' ')}`)
  if (autoLeave) parts.push('leaves by itself')
  return parts.join(', ')
}

export function printProgress(progress: ProgressStatus): string {
  const { id, state, match, next, isLearner, isRecentlyActive, isPaused } = progress
  const marks = [
    isLearner ? ', learner' : '',
    isRecentlyActive ? '' : ', silent',
    isPaused ? ', paused' : '',
  ]
  return `${id}: ${state}, match ${match}, next ${next}${marks.join('')}`
}
