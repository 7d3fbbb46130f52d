import {
  type ContainerStatus,
  type FieldError,
  FieldPath,
  forbiddenField,
  type Pod,
} from '@miniplane/api'

const STATUS = FieldPath.of('status')

/** A container that ended for good does not come back, and a Pod does not change its node. */
export function validateContainerStates(draft: Pod, stored: Pod): FieldError[] {
  const errors: FieldError[] = []
  const policy = stored.spec.restartPolicy
  const endsForGood = (exitCode: number) =>
    policy === 'Never' || (policy === 'OnFailure' && exitCode === 0)
  const before = stored.status.containerStatuses ?? []
  for (const [i, one] of (draft.status.containerStatuses ?? []).entries()) {
    const ended = before.find(({ name }) => name === one.name)?.state?.terminated
    if (!ended || !endsForGood(ended.exitCode)) continue
    if (isTerminated(one)) continue
    const at = STATUS.child('containerStatuses').index(i).child('state')
    errors.push(forbiddenField(at, 'may not be transitioned to non-terminated state'))
  }
  return errors
}

const isTerminated = (status: ContainerStatus) => status.state?.terminated !== undefined
