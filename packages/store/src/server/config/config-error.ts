/** A configuration with which the program can't start; the text says what to change. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
