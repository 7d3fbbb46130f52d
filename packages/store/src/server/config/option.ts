import type { ValueType } from './value-type.js'

/** One of the program's flags, which is also an environment variable and a key of the config file. */
export interface Option<Value> {
  readonly type: ValueType<Value>
  readonly default: Value
  /** In `--help`; starts with a capital, ends with a full stop. */
  readonly help: string
  /** What `--help` shows as default where the value itself would mislead. */
  readonly shownDefault?: string | undefined
  /** `ignored`: taken for compatibility, without effect, with a warning. `refused`: an error. */
  readonly status?: 'ignored' | 'refused' | undefined
}

type Details<Value> = Pick<Option<Value>, 'shownDefault' | 'status'>

export const option = <Value>(
  type: ValueType<Value>,
  defaultValue: Value,
  help: string,
  details: Details<Value> = {},
): Option<Value> => ({ type, default: defaultValue, help, ...details })
