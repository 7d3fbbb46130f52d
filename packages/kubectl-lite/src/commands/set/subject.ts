import { isEqual, type KubeObject, type Subject } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { updateFlags, updateObjects } from './update-objects.js'

const GROUP = 'rbac.authorization.k8s.io'

export const setSubject = defineCommand({
  usage:
    'subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]',
  summary: 'Update the user, group, or service account in a role binding or cluster role binding',
  examples: ['kubectl set subject rolebinding admin --user=alice --group=devs'],
  flags: {
    ...updateFlags,
    group: flag.slice('Groups to bind to the role'),
    serviceaccount: flag.slice('Service accounts to bind to the role'),
    user: flag.slice('Usernames to bind to the role'),
  },
  async run(session, { args, flags }) {
    const { user, group, serviceaccount } = flags
    const added: Subject[] = [
      ...[...user].sort().map((name) => ({ kind: 'User', apiGroup: GROUP, name })),
      ...[...group].sort().map((name) => ({ kind: 'Group', apiGroup: GROUP, name })),
      ...[...serviceaccount].sort().map(accountOf),
    ]
    return updateObjects(session, args, flags, {
      done: 'subjects updated',
      failure: 'failed to patch subjects to rolebinding:',
      check() {
        if (added.length > 0) return
        throw new CommandError(
          'you must specify at least one value of user, group or serviceaccount',
        )
      },
      reportUnchanged: true,
      change: (draft) => addSubjects(draft, added),
    })
  },
})

function accountOf(text: string): Subject {
  const [namespace = '', name = '', ...more] = text.split(':')
  if (namespace === '' || name === '' || more.length > 0) {
    throw new CommandError('serviceaccount must be <namespace>:<name>')
  }
  return { kind: 'ServiceAccount', name, namespace }
}

function addSubjects(draft: KubeObject, added: readonly Subject[]): void {
  if (draft.kind !== 'RoleBinding' && draft.kind !== 'ClusterRoleBinding') {
    throw new CommandError('setting subjects is only supported for RoleBinding/ClusterRoleBinding')
  }
  const subjects = [...((draft.subjects ?? []) as Subject[])]
  for (const one of added) {
    if (!subjects.some((subject) => isEqual(subject, one))) subjects.push(one)
  }
  draft.subjects = subjects
}
