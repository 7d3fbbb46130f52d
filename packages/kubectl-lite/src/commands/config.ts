import { type Command, defineCommand } from '../cli/command.js'

const fromShow = (
  name: string,
  summary: string,
  load: (module: typeof import('./config/show.js')) => Command,
) => ({
  name,
  summary,
  load: async () => load(await import('./config/show.js')),
})

const fromEdit = (
  name: string,
  summary: string,
  load: (module: typeof import('./config/edit.js')) => Command,
) => ({
  name,
  summary,
  load: async () => load(await import('./config/edit.js')),
})

export const config = defineCommand({
  usage: 'config SUBCOMMAND [options]',
  summary:
    'Modify kubeconfig files using subcommands like "kubectl config set current-context my-context".',
  flags: {},
  subcommands: [
    fromShow('current-context', 'Display the current-context', (m) => m.currentContext),
    fromEdit(
      'delete-cluster',
      'Delete the specified cluster from the kubeconfig',
      (m) => m.deleteCluster,
    ),
    fromEdit(
      'delete-context',
      'Delete the specified context from the kubeconfig',
      (m) => m.deleteContext,
    ),
    fromEdit('delete-user', 'Delete the specified user from the kubeconfig', (m) => m.deleteUser),
    fromShow('get-clusters', 'Display clusters defined in the kubeconfig', (m) => m.getClusters),
    fromShow('get-contexts', 'Describe one or many contexts', (m) => m.getContexts),
    fromShow('get-users', 'Display users defined in the kubeconfig', (m) => m.getUsers),
    fromEdit('rename-context', 'Rename a context from the kubeconfig file', (m) => m.renameContext),
    fromEdit('set', 'Set an individual value in a kubeconfig file', (m) => m.setValue),
    fromEdit('set-cluster', 'Set a cluster entry in kubeconfig', (m) => m.setCluster),
    fromEdit('set-context', 'Set a context entry in kubeconfig', (m) => m.setContext),
    fromEdit('set-credentials', 'Set a user entry in kubeconfig', (m) => m.setCredentials),
    fromEdit('unset', 'Unset an individual value in a kubeconfig file', (m) => m.unsetValue),
    fromEdit('use-context', 'Set the current-context in a kubeconfig file', (m) => m.useContext),
    fromShow(
      'view',
      'Display merged kubeconfig settings or a specified kubeconfig file',
      (m) => m.view,
    ),
  ],
})
