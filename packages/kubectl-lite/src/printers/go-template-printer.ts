import { CommandError, TemplateFailure } from '../errors/errors.js'
import { GoTemplate, GoTemplateError, GoTemplateSyntaxError } from '../gotemplate/template.js'
import { showValue } from './go-value.js'
import { readTemplate } from './jsonpath-printer.js'
import { compactJson } from './object-text.js'
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
    template = new GoTemplate(text, options.allowMissingTemplateKeys === false)
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
        const reason = error.message.startsWith('template: ')
          ? error.message
          : `template: output:1: ${error.message}`
        throw new TemplateFailure(
          `error executing template ${JSON.stringify(text)}: ${reason}`,
          `Error executing template: ${reason}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${text}\n\traw data was:\n\t\t${compactJson(object)}\n\tobject given to template engine was:\n\t\t${showValue(object)}\n\n`,
        )
      }
    },
  }
}
