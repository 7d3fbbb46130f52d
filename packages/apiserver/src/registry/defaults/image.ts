const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const HOST_PART = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
/** Source: the grammar of the distribution project's references. */
const REFERENCE = new RegExp(
  `^(?<name>(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*)(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`,
)

const NAME_CHARACTERS_MAX = 255

/** A digest without its algorithm, or too long once it says which registry it is of. */
function isNoName(name: string): boolean {
  if (/^[0-9a-f]{64}$/.test(name)) return true
  const [first = '', ...rest] = name.split('/')
  const hasHost = rest.length > 0 && /[.:A-Z]|^localhost$/.test(first)
  const host = hasHost ? '' : rest.length > 0 ? 'docker.io/' : 'docker.io/library/'
  return host.length + name.length > NAME_CHARACTERS_MAX
}

/**
 * Pulls always what means whatever is newest: an image without tag and digest, or with the tag
 * `latest`. What is no name of an image means nothing.
 */
export function defaultPullPolicy(image: string): string {
  const { groups } = REFERENCE.exec(image) ?? {}
  if (!groups || isNoName(groups.name ?? '')) return 'IfNotPresent'
  const isLatest = groups.tag === 'latest' || (!groups.tag && !groups.digest)
  return isLatest ? 'Always' : 'IfNotPresent'
}
