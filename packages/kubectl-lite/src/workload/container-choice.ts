import type { Pod } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import type { Session } from '../session/session.js'

/** The container meant: the named one, the annotated default, or the first, which is said. */
export function chooseContainer(session: Session, pod: Pod, wanted: string): string {
  const { name, annotations } = pod.metadata
  const names = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(
    (container) => container.name,
  )
  if (wanted !== '') {
    if (names.includes(wanted)) return wanted
    throw new CommandError(
      `container ${wanted} is not valid for pod ${name} out of: ${names.join(', ')}`,
    )
  }
  const annotated = annotations?.['kubectl.kubernetes.io/default-container']
  if (annotated && names.includes(annotated)) return annotated
  const own = (pod.spec?.containers ?? []).map((container) => container.name)
  const [first = ''] = own
  if (own.length > 1) {
    session.out.stderr(`Defaulted container "${first}" out of: ${own.join(', ')}\n`)
  }
  return first
}
