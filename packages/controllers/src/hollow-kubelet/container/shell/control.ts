/** `exit`: leaves the shell. */
export class ShellExit extends Error {
  override readonly name = 'ShellExit'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit ${exitCode}`)
    this.exitCode = exitCode
  }
}

/** `return`: leaves a function. */
export class FunctionReturn extends Error {
  override readonly name = 'FunctionReturn'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`return ${exitCode}`)
    this.exitCode = exitCode
  }
}

/** `break` and `continue`, out of so many loops. */
export class LoopControl extends Error {
  override readonly name = 'LoopControl'
  readonly goesOn: boolean
  levels: number

  constructor(goesOn: boolean, levels: number) {
    super(goesOn ? 'continue' : 'break')
    this.goesOn = goesOn
    this.levels = levels
  }
}
