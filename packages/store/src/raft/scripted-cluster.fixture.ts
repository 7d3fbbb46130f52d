import { NO_MEMBERS } from './conf-change.js'
import {
  bytesOf,
  type Durable,
  defaultOptions,
  founder,
  HostedMember,
  type MemberOptions,
} from './hosted-member.fixture.js'
import {
  printConf,
  printDone,
  printMessage,
  printProgress,
  printRole,
  printStatus,
} from './script-print.fixture.js'
import { type ConfState, type Message, NOBODY, type Ready } from './types.js'

type Command = (args: readonly string[]) => void

/**
 * A cluster that does what a script says, and prints what follows from it. Nothing moves by itself:
 * `write` lets a member's disk work and its messages leave, `deliver` lets them arrive, `settle`
 * does both until nothing happens any more. A member's election timeout grows with its id.
 */
export class ScriptedCluster {
  private readonly members = new Map<string, HostedMember>()
  private readonly cuts = new Set<string>()
  private conf: ConfState = NO_MEMBERS
  private options: MemberOptions = defaultOptions
  private network: Message[] = []
  private output: string[] = []

  private readonly commands: Record<string, Command> = {
    cluster: (args) => this.found(args),
    log: ([id = '', ...words]) => {
      const [terms, [term]] = split(words, 'term')
      this.setLog(id, terms.map(Number), Number(term ?? terms.at(-1)))
    },
    join: ([id = '']) => this.start(id, founding(this.conf)),
    campaign: ([id]) => this.raft(id).campaign(),
    tick: ([id, times = '1']) => {
      for (let i = 0; i < Number(times); i++) this.raft(id).tick()
    },
    propose: ([id, text]) => this.told(id, this.raft(id).propose(bytesOf(text ?? ''))),
    change: ([id, ...words]) => {
      const data = bytesOf(words.join(' '))
      this.told(id, this.raft(id).proposeConfChange('EntryConfChangeV2', data))
    },
    read: ([id, key]) => this.raft(id).readIndex(bytesOf(key ?? '')),
    transfer: ([id, , to]) => this.raft(id).transferLeadership(BigInt(to ?? 0)),
    compact: ([id, keep = '0']) => this.member(id).compact(Number(keep)),
    unreachable: ([id, other]) => this.raft(id).reportUnreachable(BigInt(other ?? 0)),
    snapshot: ([id, other, how]) =>
      this.raft(id).reportSnapshot(BigInt(other ?? 0), how === 'arrived'),
    crash: ([id]) => this.member(id).crash(),
    restart: ([id]) => this.member(id).restart(),
    begin: ([id]) => this.begin(this.member(id)),
    finish: ([id]) => this.finish(this.member(id)),
    write: ([id]) => this.write(id === undefined ? this.all() : [this.member(id)]),
    deliver: (args) => this.deliver(args),
    drop: (args) => this.drop(args),
    repeat: (args) => this.repeat(args),
    reverse: () => this.network.reverse(),
    isolate: ([id = '']) => this.isolate(id),
    heal: () => this.cuts.clear(),
    settle: () => this.settle(),
    status: (ids) => this.print(this.some(ids).map(({ raft }) => printStatus(raft.status))),
    members: (ids) => this.print(this.some(ids).map((it) => this.printMembers(it))),
    logs: (ids) => this.print(this.some(ids).map((it) => this.printLog(it))),
    progress: ([id]) => this.print(this.raft(id).status.progress.map(printProgress)),
    network: () => this.print(this.network.map(printMessage)),
    quietly: (words) => {
      const heard = this.output.length
      this.do(words)
      this.output.length = heard
    },
  }

  /** Answers what the lines print. */
  run(lines: readonly string[]): string[] {
    this.output = []
    for (const line of lines) this.do(line.match(/"[^"]*"|\S+/g) ?? [])
    return this.output
  }

  private do([name = '', ...args]: readonly string[]): void {
    const command = this.commands[name]
    if (command === undefined) throw new Error(`unknown command ${name}`)
    command(args.map((arg) => arg.replaceAll('"', '')))
  }

  private print(lines: readonly string[]): void {
    this.output.push(...lines)
  }

  /** `cluster 1 2 3 learners 4 with preVote maxInflightMessages=2` */
  private found(args: readonly string[]): void {
    this.members.clear()
    this.cuts.clear()
    this.network = []
    const [ids, settings] = split(args, 'with')
    const [voters, learners] = split(ids, 'learners')
    this.conf = { ...NO_MEMBERS, voters: voters.map(BigInt), learners: learners.map(BigInt) }
    for (const setting of settings) {
      const [name = '', value] = setting.split('=')
      const isNumber = value !== undefined && !Number.isNaN(Number(value))
      this.options = { ...this.options, [name]: isNumber ? Number(value) : (value ?? true) }
    }
    for (const id of [...voters, ...learners]) this.start(id, founding(this.conf))
  }

  private start(id: string, disk: Durable): void {
    const random = (bound: number) => (Number(id) - 1) % bound
    this.members.set(id, new HostedMember(BigInt(id), { ...this.options, random }, disk))
  }

  /** A member whose log has entries of these terms. */
  private setLog(id: string, terms: readonly number[], term: number): void {
    const entries = terms.map((term, i) => {
      return { type: 'EntryNormal', term, index: i + 1, data: bytesOf('') } as const
    })
    const hardState = { term, vote: NOBODY, commit: 0 }
    this.start(id, { ...founding(this.conf), entries, hardState })
  }

  private told(id: string | undefined, refusal: string | undefined): void {
    if (refusal) this.print([`${id}: refuses, ${refusal}`])
  }

  private begin(member: HostedMember): Ready | undefined {
    const ready = member.begin()
    if (ready === undefined) return undefined
    this.print(printRole(ready, member.raft.status))
    this.send(member, ready.messages)
    return ready
  }

  private finish(member: HostedMember): Ready | undefined {
    const ready = member.finish()
    if (ready === undefined) return undefined
    this.print(printDone(ready, member.id))
    this.send(member, ready.messagesAfterPersist)
    return ready
  }

  private write(members: readonly HostedMember[]): boolean {
    let isBusy = false
    for (const member of members.filter(({ isUp }) => isUp))
      while (this.begin(member) || this.finish(member)) isBusy = true
    return isBusy
  }

  private send(member: HostedMember, messages: readonly Message[]): void {
    for (const message of messages) {
      const isLost = this.cuts.has(`${member.id}→${message.to}`)
      this.print([printMessage(message) + (isLost ? ' (lost)' : '')])
      if (!isLost) this.network.push(member.outgoing(message))
    }
  }

  /** Those that match all words: a receiver's id, a type, or `from=1`. */
  private take(words: readonly string[]): Message[] {
    const matches = ({ to, from, type }: Message) =>
      words.every((word) => [`${to}`, `from=${from}`, type].includes(word))
    const taken = this.network.filter(matches)
    this.network = this.network.filter((message) => !taken.includes(message))
    return taken
  }

  private deliver(words: readonly string[]): void {
    for (const message of this.take(words)) this.arrive(message)
  }

  private arrive(message: Message): void {
    const member = this.members.get(`${message.to}`)
    if (member?.isUp) member.raft.step(message)
    else this.print([`${printMessage(message)} (nobody there)`])
  }

  private drop(words: readonly string[]): void {
    this.print(this.take(words).map((message) => `${printMessage(message)} (lost)`))
  }

  private repeat(words: readonly string[]): void {
    const copies = this.take(words)
    for (const message of copies) this.arrive(message)
    this.network.push(...copies)
  }

  private isolate(id: string): void {
    for (const other of this.members.keys()) this.cuts.add(`${id}→${other}`).add(`${other}→${id}`)
  }

  private settle(): void {
    while (this.write(this.all()) || this.network.length > 0) this.deliver([])
  }

  private printLog({ id, raft }: HostedMember): string {
    const { firstIndex, lastIndex, commit } = raft.status
    const terms: string[] = []
    for (let index = firstIndex; index <= lastIndex; index++)
      terms.push(`${raft.termOf(index)}${index === commit ? ' |' : ''}`)
    const compacted = firstIndex > 1 ? `(1 to ${firstIndex - 1}) ` : ''
    return `${id}: ${compacted}${terms.join(' ') || 'empty'}`
  }

  private printMembers({ id, raft }: HostedMember): string {
    return `${id}: ${printConf(raft.status.confState)}`
  }

  private all(): HostedMember[] {
    return [...this.members.values()]
  }

  private some(ids: readonly string[]): HostedMember[] {
    return ids.length === 0 ? this.all() : ids.map((id) => this.member(id))
  }

  private member(id: string | undefined): HostedMember {
    const member = this.members.get(id ?? '')
    if (member === undefined) throw new Error(`no member ${id}`)
    return member
  }

  private raft(id: string | undefined) {
    return this.member(id).raft
  }
}

/** Before the first entry, so that scripts count from 1. Who joins knows who founded the cluster. */
const founding = (conf: ConfState): Durable => ({
  ...founder(conf),
  hardState: { term: 0, vote: NOBODY, commit: 0 },
  snapshot: { index: 0, term: 0, confState: conf },
})

function split(words: readonly string[], at: string): [readonly string[], readonly string[]] {
  const index = words.indexOf(at)
  return index < 0 ? [words, []] : [words.slice(0, index), words.slice(index + 1)]
}
