import type { ConfState, NodeId } from '../raft/types.js'

/** raftpb.ConfState as etcd (since 3.5) keeps it in its database. Ids are numbers of 64 bits there. */
export function confStateToJson(state: ConfState): string {
  const lists = [
    ['voters', state.voters],
    ['learners', state.learners],
    ['voters_outgoing', state.votersOutgoing],
    ['learners_next', state.learnersNext],
  ] as const
  const parts = lists
    .filter(([, ids]) => ids.length > 0)
    .map(([name, ids]) => `"${name}":[${ids.join(',')}]`)
  return `{${[...parts, `"auto_leave":${state.autoLeave}`].join(',')}}`
}

/** Throws a SyntaxError or a TypeError for what is none. */
export function confStateFromJson(text: string): ConfState {
  // JSON.parse would round the ids. There are no strings but the names, and those have no digits.
  const json: unknown = JSON.parse(text.replace(/\d+/g, '"$&"'))
  if (typeof json !== 'object' || json === null) throw new TypeError('expected an object')
  const given = json as Readonly<Record<string, unknown>>
  const ids = (name: string): NodeId[] => {
    const list = given[name] ?? []
    if (!Array.isArray(list)) throw new TypeError(`expected a list of ${name}`)
    return list.map((id) => BigInt.asUintN(64, BigInt(id)))
  }
  return {
    voters: ids('voters'),
    learners: ids('learners'),
    votersOutgoing: ids('voters_outgoing'),
    learnersNext: ids('learners_next'),
    autoLeave: given.auto_leave === true,
  }
}
