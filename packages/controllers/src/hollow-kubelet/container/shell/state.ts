import type { Machine } from '../process.js'
import type { Command } from './syntax.js'

/** What a shell remembers from one command to the next. */
export class ShellState {
  readonly machine: Machine
  readonly variables: Map<string, string>
  /** Names of variables that its programs see. */
  readonly exported: Set<string>
  readonly functions: Map<string, Command>
  directory: string
  name: string
  parameters: readonly string[]
  exitCode = 0
  /** `set -e`: the first command that fails ends the script. */
  endsOnError = false
  /** `set -u`. */
  refusesUnset = false
  /** `set -x`. */
  isTraced = false

  constructor(given: {
    readonly machine: Machine
    readonly env: ReadonlyMap<string, string>
    readonly directory: string
    readonly name: string
    readonly parameters: readonly string[]
  }) {
    this.machine = given.machine
    this.variables = new Map(given.env)
    this.exported = new Set(given.env.keys())
    this.functions = new Map()
    this.directory = given.directory
    this.name = given.name
    this.parameters = given.parameters
  }

  /** For a subshell: what it changes is its own. */
  fork(): ShellState {
    const { machine, variables, directory, name, parameters } = this
    const forked = new ShellState({ machine, env: variables, directory, name, parameters })
    forked.exported.clear()
    for (const one of this.exported) forked.exported.add(one)
    for (const [key, body] of this.functions) forked.functions.set(key, body)
    forked.exitCode = this.exitCode
    forked.endsOnError = this.endsOnError
    forked.refusesUnset = this.refusesUnset
    return forked
  }

  /** The environment of a program that it starts. */
  environment(extra: ReadonlyMap<string, string>): Map<string, string> {
    const env = new Map<string, string>()
    for (const name of this.exported) env.set(name, this.variables.get(name) ?? '')
    for (const [name, value] of extra) env.set(name, value)
    return env
  }

  lookUp(name: string): string | undefined {
    if (name === '?') return String(this.exitCode)
    if (name === '#') return String(this.parameters.length)
    if (name === '$') return '7'
    if (name === '!') return '8'
    if (name === '-') return ''
    if (name === '@' || name === '*') return this.parameters.join(' ')
    if (name === '0') return this.name
    if (/^[1-9]$/.test(name)) return this.parameters[Number(name) - 1]
    return this.variables.get(name)
  }
}
