import type { Member } from '../wire/cluster.js'

/**
 * A member as JSON: the context of a change of membership, a record of a database file, and the
 * answer of `GET /members`. Ids are 64-bit numbers there, which JSON.parse would round.
 * Source: etcd, membership.Member.
 */
export function memberToJson(member: Member): string {
  const rest = {
    peerURLs: member.peerUrls,
    ...(member.isLearner ? { isLearner: true } : {}),
    ...(member.name === '' ? {} : { name: member.name }),
    ...(member.clientUrls.length === 0 ? {} : { clientURLs: member.clientUrls }),
  }
  return `{"id":${member.id},${JSON.stringify(rest).slice(1)}`
}

/** What `text` says, with the id in full; undefined where it isn't an object. */
export function parseWithId(text: string): Readonly<Record<string, unknown>> | undefined {
  const value: unknown = JSON.parse(quoteIds(text))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as Record<string, unknown>
}

/** Throws a SyntaxError or TypeError for what isn't a member. */
export function memberFromJson(text: string): Member {
  return memberFrom(parseWithId(text))
}

/** Throws a SyntaxError or TypeError for what isn't a list of members. */
export function membersFromJson(text: string): Member[] {
  const list: unknown = JSON.parse(quoteIds(text))
  if (!Array.isArray(list)) throw new TypeError('expected a list of members')
  return list.map((item) => memberFrom(item as Record<string, unknown>))
}

export function memberFrom(value: Readonly<Record<string, unknown>> | undefined): Member {
  const { id, name, peerURLs, clientURLs, isLearner } = value ?? {}
  if (typeof id !== 'string' || !/^\d{1,20}$/.test(id)) throw new TypeError('a member needs an id')
  return {
    id: BigInt.asUintN(64, BigInt(id)),
    name: typeof name === 'string' ? name : '',
    peerUrls: strings(peerURLs),
    clientUrls: strings(clientURLs),
    isLearner: isLearner === true,
  }
}

/** Inside of a string there would be backslashes before the quotes. */
const quoteIds = (text: string): string => text.replace(/"id"\s*:\s*(\d+)/g, '"id":"$1"')

function strings(value: unknown): string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    throw new TypeError('expected a list of URLs')
  }
  return value
}
