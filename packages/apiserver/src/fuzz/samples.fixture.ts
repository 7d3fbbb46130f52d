import { type KubeObject, parseYaml } from '@miniplane/api'

const POD =
  '{restartPolicy: Always, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}'
const TEMPLATE = `{metadata: {labels: {a: b}}, spec: ${POD}}`
const SELECTED = `selector: {matchLabels: {a: b}}, template: ${TEMPLATE}`
const JOB = `{template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}`
const HOOK =
  '{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], failurePolicy: Ignore, ' +
  'clientConfig: {url: "https://hook.example.com"}, ' +
  'rules: [{apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [x]}]}'
const CLAIM = '{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}'
const DEVICES = '{devices: {requests: [{name: r, exactly: {deviceClassName: d.example.com}}]}}'
const RULES = '[{apiGroups: [""], resources: [pods], verbs: [get]}]'
const CONSTRAINTS =
  '{resourceRules: [{apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [x]}]}'

/** What a kind needs beside its name to be taken, by `apiVersion kind`. */
const BODIES: Readonly<Record<string, string>> = {
  'v1 ConfigMap': '{data: {k: v}, binaryData: {b: YQ==}}',
  'v1 Secret': '{stringData: {k: v}}',
  'v1 ServiceAccount': '{automountServiceAccountToken: true}',
  'v1 Namespace': '{}',
  'v1 Node': '{spec: {podCIDR: 10.1.0.0/24, taints: [{key: k, effect: NoSchedule}]}}',
  'v1 Pod': `{spec: ${POD}}`,
  'v1 PodTemplate': `{template: ${TEMPLATE}}`,
  'v1 ReplicationController': `{spec: {replicas: 1, selector: {a: b}, template: ${TEMPLATE}}}`,
  'v1 Service': '{spec: {selector: {a: b}, ports: [{name: p, port: 80, targetPort: http}]}}',
  'v1 Endpoints': '{subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{port: 80}]}]}',
  'v1 LimitRange': '{spec: {limits: [{type: Container, default: {cpu: 100m}}]}}',
  'v1 ResourceQuota': '{spec: {hard: {"count/leases.coordination.k8s.io": 1000}}}',
  'v1 PersistentVolumeClaim': `{spec: ${CLAIM}}`,
  'v1 PersistentVolume':
    '{spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /a}}}',
  'v1 Event': '{involvedObject: {kind: Pod, namespace: default, name: p}, reason: R, message: m}',
  'events.k8s.io/v1 Event':
    '{eventTime: "2026-01-02T03:04:05.000006Z", reportingController: e.com/c, ' +
    'reportingInstance: i, action: A, reason: R, type: Normal, ' +
    'regarding: {kind: Pod, namespace: default, name: p}}',
  'apps/v1 Deployment': `{spec: {replicas: 2, ${SELECTED}}}`,
  'apps/v1 ReplicaSet': `{spec: {replicas: 2, ${SELECTED}}}`,
  'apps/v1 StatefulSet': `{spec: {serviceName: s, ${SELECTED}, volumeClaimTemplates: [{metadata: {name: v}, spec: ${CLAIM}}]}}`,
  'apps/v1 DaemonSet': `{spec: {${SELECTED}}}`,
  'apps/v1 ControllerRevision': '{revision: 1, data: {a: 1}}',
  'batch/v1 Job': `{spec: ${JOB}}`,
  'batch/v1 CronJob': `{spec: {schedule: "* * * * *", jobTemplate: {spec: ${JOB}}}}`,
  'autoscaling/v1 HorizontalPodAutoscaler':
    '{spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}}}',
  'autoscaling/v2 HorizontalPodAutoscaler':
    '{spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}, metrics: [{type: Resource, ' +
    'resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}}',
  'policy/v1 PodDisruptionBudget': '{spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}}',
  'coordination.k8s.io/v1 Lease': '{spec: {holderIdentity: h, leaseDurationSeconds: 15}}',
  'discovery.k8s.io/v1 EndpointSlice':
    '{addressType: IPv4, endpoints: [{addresses: [10.1.2.3]}], ports: [{name: p, port: 80}]}',
  'networking.k8s.io/v1 Ingress':
    '{spec: {rules: [{host: a.b, http: {paths: [{path: /, pathType: Prefix, backend: {service: ' +
    '{name: s, port: {number: 80}}}}]}}]}}',
  'networking.k8s.io/v1 IngressClass': '{spec: {controller: example.com/c}}',
  'networking.k8s.io/v1 NetworkPolicy':
    '{spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}}',
  'networking.k8s.io/v1 ServiceCIDR': '{spec: {cidrs: [10.9.0.0/24]}}',
  'rbac.authorization.k8s.io/v1 Role': `{rules: ${RULES}}`,
  'rbac.authorization.k8s.io/v1 ClusterRole': `{rules: ${RULES}}`,
  'rbac.authorization.k8s.io/v1 RoleBinding':
    '{roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, subjects: [{kind: User, name: u}]}',
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding':
    '{roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}, subjects: [{kind: Group, name: g}]}',
  'scheduling.k8s.io/v1 PriorityClass': '{value: 7}',
  'node.k8s.io/v1 RuntimeClass': '{handler: h, overhead: {podFixed: {cpu: 1m}}}',
  'storage.k8s.io/v1 StorageClass': '{provisioner: example.com/p, parameters: {a: b}}',
  'storage.k8s.io/v1 CSIDriver': '{spec: {attachRequired: false}}',
  'storage.k8s.io/v1 CSINode': '{spec: {drivers: [{name: d.example.com, nodeID: node}]}}',
  'storage.k8s.io/v1 CSIStorageCapacity': '{storageClassName: s, capacity: 1Gi}',
  'storage.k8s.io/v1 VolumeAttachment':
    '{spec: {attacher: example.com, nodeName: node, source: {persistentVolumeName: p}}}',
  'storage.k8s.io/v1 VolumeAttributesClass': '{driverName: d.example.com, parameters: {a: b}}',
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema':
    '{spec: {priorityLevelConfiguration: {name: exempt}, rules: [{subjects: [{kind: User, user: ' +
    '{name: u}}], nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}]}]}}',
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration':
    '{spec: {type: Limited, limited: {limitResponse: {type: Reject}}}}',
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': `{webhooks: [${HOOK}]}`,
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': `{webhooks: [${HOOK}]}`,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': `{spec: {matchConstraints: ${CONSTRAINTS}, validations: [{expression: "object.spec.a > 1"}]}}`,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding':
    '{spec: {policyName: p, validationActions: [Deny]}}',
  'resource.k8s.io/v1 DeviceClass': '{spec: {selectors: [{cel: {expression: "true"}}]}}',
  'resource.k8s.io/v1 ResourceClaim': `{spec: ${DEVICES}}`,
  'resource.k8s.io/v1 ResourceClaimTemplate': `{spec: {spec: ${DEVICES}}}`,
  'resource.k8s.io/v1 ResourceSlice':
    '{spec: {driver: d.example.com, nodeName: node, pool: {name: p, generation: 1, resourceSliceCount: ' +
    '1}, devices: [{name: d}]}}',
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy': `{spec: {reinvocationPolicy: Never, matchConstraints: ${CONSTRAINTS}, mutations: [{patchType: JSONPatch, jsonPatch: {expression: "[]"}}]}}`,
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding': '{spec: {policyName: p}}',
  'apiextensions.k8s.io/v1 CustomResourceDefinition':
    '{metadata: {name: xs.example.com}, spec: {group: example.com, scope: Namespaced, names: {kind: X, ' +
    'plural: xs}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: ' +
    'object}}}]}}',
  'apiregistration.k8s.io/v1 APIService':
    '{metadata: {name: v1.example.com}, spec: {group: example.com, version: v1, groupPriorityMinimum: 1, ' +
    'versionPriority: 1}}',
  'networking.k8s.io/v1 IPAddress':
    '{metadata: {name: 10.7.7.7}, spec: {parentRef: {resource: services, namespace: default, name: s}}}',
  'authorization.k8s.io/v1 SelfSubjectAccessReview':
    '{spec: {resourceAttributes: {verb: get, resource: pods}}}',
  'authorization.k8s.io/v1 SubjectAccessReview':
    '{spec: {user: u, resourceAttributes: {verb: get, resource: pods}}}',
  'authorization.k8s.io/v1 LocalSubjectAccessReview':
    '{metadata: {namespace: default}, spec: {user: u, resourceAttributes: {verb: get, resource: pods, namespace: default}}}',
  'authorization.k8s.io/v1 SelfSubjectRulesReview': '{spec: {namespace: default}}',
  'authentication.k8s.io/v1 TokenReview': '{spec: {token: t}}',
  'authentication.k8s.io/v1 SelfSubjectReview': '{}',
}

/** An object of the kind that a fresh server takes, or undefined when none is known. */
export function sampleOf(apiVersion: string, kind: string, name: string): KubeObject | undefined {
  const body = BODIES[`${apiVersion} ${kind}`]
  if (body === undefined) return undefined
  const rest = parseYaml(body).value as { metadata?: object }
  const metadata = kind.endsWith('Review') ? rest.metadata : { name, ...rest.metadata }
  return { apiVersion, kind, ...rest, metadata } as KubeObject
}
