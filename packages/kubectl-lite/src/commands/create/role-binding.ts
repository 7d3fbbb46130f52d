import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { defineGenerator } from './generator.js'

const RBAC = 'rbac.authorization.k8s.io'

const subjectFlags = {
  group: flag.array('Groups to bind to the role.'),
  serviceaccount: flag.array(
    'Service accounts to bind to the role, in the format <namespace>:<name>.',
  ),
  user: flag.array('Usernames to bind to the role.'),
}

interface Subjects {
  readonly group: readonly string[]
  readonly serviceaccount: readonly string[]
  readonly user: readonly string[]
}

function subjectsOf({ group, serviceaccount, user }: Subjects) {
  const subjects = [
    ...user.map((name) => ({ kind: 'User', apiGroup: RBAC, name })),
    ...group.map((name) => ({ kind: 'Group', apiGroup: RBAC, name })),
    ...serviceaccount.map((text) => {
      const [namespace, name, ...more] = text.split(':')
      if (!namespace || !name || more.length > 0) {
        throw new CommandError('serviceaccount must be <namespace>:<name>')
      }
      return { kind: 'ServiceAccount', name, namespace }
    }),
  ]
  return subjects.length > 0 ? { subjects } : {}
}

export const roleBinding = defineGenerator({
  usage:
    'rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]',
  summary: 'Create a role binding for a particular role or cluster role',
  resource: {
    group: RBAC,
    version: 'v1',
    resource: 'rolebindings',
    kind: 'RoleBinding',
    namespaced: true,
  },
  failure: 'failed to create rolebinding: ',
  flags: {
    ...subjectFlags,
    clusterrole: flag.string('ClusterRole this RoleBinding should reference'),
    role: flag.string('Role this RoleBinding should reference'),
  },
  async build(_, __, { flags }) {
    if ((flags.clusterrole === '') === (flags.role === '')) {
      throw new CommandError('exactly one of clusterrole or role must be specified')
    }
    const [kind, name] =
      flags.role === '' ? ['ClusterRole', flags.clusterrole] : ['Role', flags.role]
    return { ...subjectsOf(flags), roleRef: { apiGroup: RBAC, kind, name } }
  },
})

export const clusterRoleBinding = defineGenerator({
  usage:
    'clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]',
  summary: 'Create a cluster role binding for a particular cluster role',
  resource: {
    group: RBAC,
    version: 'v1',
    resource: 'clusterrolebindings',
    kind: 'ClusterRoleBinding',
    namespaced: false,
  },
  failure: 'failed to create clusterrolebinding: ',
  flags: {
    ...subjectFlags,
    clusterrole: flag.string('ClusterRole this ClusterRoleBinding should reference', {
      required: true,
    }),
  },
  build: async (_, __, { flags }) => ({
    ...subjectsOf(flags),
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: flags.clusterrole },
  }),
})
