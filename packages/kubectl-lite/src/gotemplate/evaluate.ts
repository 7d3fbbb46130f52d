import { showValue, sortedEntries } from '../printers/go-value.js'
import { functions } from './functions.js'
import type { Operand, Pipeline, TemplateNode } from './parse.js'

/** The template does not fit the value; the message is Go's. */
export class GoTemplateError extends Error {}

export interface Scope {
  readonly dot: unknown
  readonly variables: Map<string, unknown>
  /** Fields that are not there are an error. */
  readonly strict: boolean
}

const NO_VALUE = '<no value>'

/** What the nodes print. */
export function evaluate(nodes: readonly TemplateNode[], scope: Scope): string {
  return nodes.map((node) => evaluateNode(node, scope)).join('')
}

function evaluateNode(node: TemplateNode, scope: Scope): string {
  if (node.type === 'text') return node.text
  if (node.type === 'action') {
    const value = pipelineValue(node.pipeline, scope)
    if (node.pipeline.declares.length > 0) return ''
    return value === undefined || value === null ? NO_VALUE : showValue(value)
  }
  const inner: Scope = { ...scope, variables: new Map(scope.variables) }
  const value = pipelineValue(node.pipeline, inner)
  if (node.type === 'range') return evaluateRange(node, value, inner)
  if (!isTrue(value)) return evaluate(node.otherwise, inner)
  return evaluate(node.body, node.type === 'with' ? { ...inner, dot: value } : inner)
}

function evaluateRange(
  node: Extract<TemplateNode, { body: readonly TemplateNode[] }>,
  value: unknown,
  scope: Scope,
): string {
  const entries = entriesOf(value)
  if (entries.length === 0) return evaluate(node.otherwise, scope)
  const { declares } = node.pipeline
  return entries
    .map(([key, item]) => {
      const variables = new Map(scope.variables)
      const [first, second] = declares
      if (first !== undefined) variables.set(first, second === undefined ? item : key)
      if (second !== undefined) variables.set(second, item)
      return evaluate(node.body, { ...scope, dot: item, variables })
    })
    .join('')
}

function entriesOf(value: unknown): [unknown, unknown][] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((item, index) => [index, item])
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index])
  if (typeof value === 'object') return sortedEntries(value)
  throw new GoTemplateError(`range can't iterate over ${showValue(value)}`)
}

export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

function pipelineValue(pipeline: Pipeline, scope: Scope): unknown {
  let value: unknown
  for (const [at, command] of pipeline.commands.entries()) {
    value = commandValue(command, scope, at > 0 ? [value] : [])
  }
  // In a range the variables are set for each item.
  if (pipeline.declares.length === 1) scope.variables.set(pipeline.declares[0] ?? '', value)
  return value
}

function commandValue(
  command: readonly Operand[],
  scope: Scope,
  piped: readonly unknown[],
): unknown {
  const [head, ...rest] = command
  if (head?.type === 'function') {
    const implementation = functions[head.name]
    if (!implementation) throw new Error(`no function ${head.name}`)
    const args = [...rest.map((operand) => operandValue(operand, scope)), ...piped]
    return implementation(...args)
  }
  if (rest.length + piped.length > 0) {
    throw new GoTemplateError("can't give argument to non-function")
  }
  return head ? operandValue(head, scope) : undefined
}

function operandValue(operand: Operand, scope: Scope): unknown {
  switch (operand.type) {
    case 'literal':
      return operand.value
    case 'field':
      return follow(scope.dot, operand, scope)
    case 'variable':
      return follow(scope.variables.get(operand.name), operand, scope)
    case 'pipeline':
      return follow(pipelineValue(operand.pipeline, scope), operand, scope)
    case 'function':
      return commandValue([operand], scope, [])
    default:
      return operand satisfies never
  }
}

type Path = Extract<Operand, { readonly names: readonly string[] }>

/** A missing field is nothing, and so is every field of nothing, unless that is an error. */
function follow(value: unknown, { names, source, position }: Path, { strict }: Scope): unknown {
  const refuse = (reason: string) =>
    new GoTemplateError(
      `template: output:${position}: executing "output" at <${source}>: ${reason}`,
    )
  return names.reduce<unknown>((current, name) => {
    if (current === undefined || current === null) {
      if (strict) throw refuse(`nil data; no entry for key ${JSON.stringify(name)}`)
      return undefined
    }
    if (typeof current !== 'object' || Array.isArray(current)) {
      throw refuse(`can't evaluate field ${name} in type interface {}`)
    }
    if (Object.hasOwn(current, name)) return (current as Record<string, unknown>)[name]
    if (strict) throw refuse(`map has no entry for key ${JSON.stringify(name)}`)
    return undefined
  }, value)
}
