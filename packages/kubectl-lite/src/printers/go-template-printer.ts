import { CommandError } from '../errors/errors.js'
import { GoTemplate, GoTemplateError, GoTemplateSyntaxError } from '../gotemplate/template.js'
import { readTemplate } from './jsonpath-printer.js'
import type { ObjectPrinter, PrintOptions } from './print-options.js'

/** `-o go-template=…`, `template=…` and the forms that read a file. */
export function goTemplatePrinter(
  format: string,
  argument: string,
  options: PrintOptions,
): ObjectPrinter {
  if (argument === '') throw new CommandError('template format specified but no template given')
  const text = format.endsWith('file') ? readTemplate(argument, options.folder ?? '.') : argument
  let template: GoTemplate
  try {
    template = new GoTemplate(text)
  } catch (error) {
    if (!(error instanceof GoTemplateSyntaxError)) throw error
    throw new CommandError(`error parsing template ${text}, ${error.message}`)
  }
  return {
    print(object) {
      try {
        return template.execute(object)
      } catch (error) {
        if (!(error instanceof GoTemplateError)) throw error
        throw new CommandError(
          `error executing template ${JSON.stringify(text)}: template: output:1: ${error.message}`,
        )
      }
    },
  }
}
