import type { KubeObject } from '@miniplane/api'

export interface PrintOptions {
  readonly output: string
  readonly template?: string
  readonly showManagedFields?: boolean
  readonly allowMissingTemplateKeys?: boolean
  /** Formats that this command has beyond the usual, for the error message. */
  readonly formats?: readonly string[]
  /** The object was built here, so its fields keep their order in JSON. */
  readonly keepOrder?: boolean
  readonly folder?: string
}

/** Prints one object, or a list. */
export interface ObjectPrinter {
  print(object: KubeObject): string
}
