const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/

/** What kubectl has against a variable's name; it is stricter than the server. */
export function envNameProblems(name: string): string[] {
  if (!ENV_NAME.test(name)) {
    return [
      "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
    ]
  }
  if (name === '.') return ["must not be '.'"]
  return name === '..' || name.startsWith('..') ? ["must not start with '..'"] : []
}
