import type { KubeObject, ResourceDefinition } from '@miniplane/api'
import { forbidden, type StatusError } from '@miniplane/api'
import type { AdmissionOperation, AdmissionRequest } from '../admission.js'

/** Whether a request is about objects of this resource themselves, and not a subresource. */
export const isAbout = (
  { group, resource }: ResourceDefinition,
  subresource: string,
  wantedGroup: string,
  wantedResource: string,
): boolean => subresource === '' && group === wantedGroup && resource === wantedResource

/** A plugin's `handles` for one resource and some operations. */
export const only =
  (group: string, resource: string, ...operations: AdmissionOperation[]) =>
  (operation: AdmissionOperation, definition: ResourceDefinition, subresource: string): boolean =>
    operations.includes(operation) && isAbout(definition, subresource, group, resource)

/** A plugin's refusal of this request. Before names are made there is but what they begin with. */
export function refuse(request: AdmissionRequest, message: string): StatusError {
  const { name, generateName } = request.object?.metadata ?? {}
  return forbidden(request.definition, request.name || name || generateName || 'Unknown', message)
}

/** The object as its kind; a plugin that handles one resource knows which. */
export const objectAs = <T>({ object }: AdmissionRequest): T & KubeObject =>
  object as T & KubeObject
