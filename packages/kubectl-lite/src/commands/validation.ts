import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'

export const validateFlag = flag.string(
  'Must be one of: strict (or true), warn, ignore (or false). "strict" fails the request on unknown or duplicate fields, "warn" warns about them, "ignore" drops them silently.',
  { default: 'strict', alone: 'strict' },
)

/** The `fieldValidation` for `--validate`. Throws kubectl's complaint. */
export function fieldValidationOf(text: string): 'Strict' | 'Warn' | 'Ignore' {
  if (/^(strict|true)$/i.test(text)) return 'Strict'
  if (/^warn$/i.test(text)) return 'Warn'
  if (/^(ignore|false)$/i.test(text)) return 'Ignore'
  throw new CommandError(
    `invalid - validate option "${text}"; must be one of: strict (or true), warn, ignore (or false)`,
  )
}
