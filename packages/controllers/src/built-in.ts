import { certificateApprovingController } from './certificates/approving-controller.js'
import { certificateCleaningController } from './certificates/cleaning-controller.js'
import { certificateSigningController } from './certificates/signing-controller.js'
import { clusterRoleAggregation } from './clusterrole-aggregation/controller.js'
import { cronJobController } from './cronjob/controller.js'
import { daemonSetController } from './daemonset/controller.js'
import { deploymentController } from './deployment/controller.js'
import { disruptionController } from './disruption/controller.js'
import { endpointSliceController } from './endpoint-slice/controller.js'
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/controller.js'
import { endpointsController } from './endpoints/controller.js'
import { ephemeralVolumeController } from './ephemeral-volume/controller.js'
import { garbageCollector } from './garbage-collector/controller.js'
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/controller.js'
import { jobController } from './job/controller.js'
import type { Controller } from './manager/controller.js'
import { namespaceController } from './namespace/controller.js'
import { nodeLifecycleController } from './node-lifecycle/controller.js'
import { nodeTtlController } from './node-ttl/controller.js'
import { persistentVolumeController } from './persistent-volume/controller.js'
import { podGarbageCollector } from './pod-gc/controller.js'
import { replicaSetController } from './replicaset/controller.js'
import { replicationControllerController } from './replicationcontroller/controller.js'
import { resourceQuotaController } from './resource-quota/controller.js'
import { rootCaPublisher } from './root-ca-publisher/controller.js'
import { serviceAccountController } from './service-account/controller.js'
import { tokensController } from './service-account-tokens/controller.js'
import { serviceCidrController } from './service-cidr/controller.js'
import { statefulSetController } from './statefulset/controller.js'
import { taintEvictionController } from './taint-eviction/controller.js'
import { ttlAfterFinishedController } from './ttl-after-finished/controller.js'
import {
  attributesProtectionController,
  claimProtectionController,
  volumeProtectionController,
} from './volume-protection/controller.js'

/** Every controller that a plane runs, by default all of them. */
export const builtInControllers: readonly Controller[] = [
  serviceAccountController,
  tokensController,
  rootCaPublisher,
  clusterRoleAggregation,
  certificateApprovingController,
  certificateSigningController,
  certificateCleaningController,
  nodeLifecycleController,
  taintEvictionController,
  nodeTtlController,
  deploymentController,
  replicaSetController,
  replicationControllerController,
  statefulSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  daemonSetController,
  endpointSliceController,
  endpointsController,
  endpointSliceMirroringController,
  serviceCidrController,
  garbageCollector,
  podGarbageCollector,
  namespaceController,
  disruptionController,
  resourceQuotaController,
  horizontalPodAutoscalerController,
  persistentVolumeController,
  ephemeralVolumeController,
  claimProtectionController,
  volumeProtectionController,
  attributesProtectionController,
]
