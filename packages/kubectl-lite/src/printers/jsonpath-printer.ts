import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { KubeObject } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { openFault } from '../errors/file-fault.js'
import { JsonPath, JsonPathError } from '../jsonpath/evaluate.js'
import { JsonPathSyntaxError } from '../jsonpath/parse.js'
import { showSource } from './go-value.js'
import { jsonText } from './object-text.js'
import type { ObjectPrinter, PrintOptions } from './print-options.js'

/** `-o jsonpath=…`, `jsonpath-as-json=…`, `jsonpath-file=…` */
export function jsonPathPrinter(
  format: string,
  argument: string,
  options: PrintOptions,
): ObjectPrinter {
  if (argument === '') throw new CommandError('template format specified but no template given')
  const template =
    format === 'jsonpath-file' ? readTemplate(argument, options.folder ?? '.') : argument
  const path = parse(template, options.allowMissingTemplateKeys ?? true)
  return {
    print(object) {
      try {
        return format === 'jsonpath-as-json'
          ? jsonText(path.find(object).flat())
          : path.print(object)
      } catch (error) {
        throw explain(error, template, object)
      }
    },
  }
}

function parse(template: string, allowMissingKeys: boolean): JsonPath {
  try {
    return new JsonPath(template, { allowMissingKeys })
  } catch (error) {
    if (!(error instanceof JsonPathSyntaxError)) throw error
    throw new CommandError(`error parsing jsonpath ${template}, ${error.message}`)
  }
}

function explain(error: unknown, template: string, object: KubeObject): unknown {
  if (!(error instanceof JsonPathError)) return error
  return new CommandError(
    `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${showSource(object)}\n\n\n`,
  )
}

export function readTemplate(name: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, name), 'utf8')
  } catch (error) {
    throw new CommandError(`error reading --template ${name}, ${openFault(name, error)}`)
  }
}
