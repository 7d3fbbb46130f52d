import { encodeJsonText } from '@miniplane/api'
import type { Encodable } from './shared-object.js'

/** An object that no store keeps (a dry run, a review, a Scale): encoded when somebody asks. */
export const unstored = (object: unknown): Encodable => ({
  object,
  json: () => Buffer.from(`${encodeJsonText(object)}\n`),
})
