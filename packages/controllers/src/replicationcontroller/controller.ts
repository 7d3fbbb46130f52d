import { type KubeObject, labelsMatcher, type ReplicationController } from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { Controller } from '../manager/controller.js'
import { replicaController } from '../replicaset/controller.js'

/** A ReplicationController is a ReplicaSet with a simpler selector and an older name. */
export const replicationControllerController: Controller = replicaController<
  ReplicationController & KubeObject
>({
  controllerName: 'replication-controller',
  ref: resources.replicationControllers,
  replicas: ({ spec }) => spec.replicas ?? 1,
  minReadySeconds: ({ spec }) => spec.minReadySeconds ?? 0,
  template: ({ spec }) => spec.template ?? { metadata: {}, spec: { containers: [] } },
  selector: ({ spec }) => labelsMatcher(spec.selector),
  status: ({ status }) => status,
})
