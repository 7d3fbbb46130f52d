import type { KubeObject } from '@miniplane/api'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { jsonText, kyamlText, yamlText } from './object-text.js'
import type { ObjectPrinter, PrintOptions } from './print-options.js'

/** `-o` and what belongs to it, for commands that print the objects they made or changed. */
export const printFlags = {
  output: flag.string(
    'Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).',
    { short: 'o' },
  ),
  template: flag.string('Template string or path to template file to use when -o=go-template.'),
  showManagedFields: flag.bool(
    'If true, keep the managedFields when printing objects in JSON or YAML format.',
  ),
  allowMissingTemplateKeys: flag.bool(
    'If true, ignore any errors in templates when a field or map key is missing in the template.',
    { default: true },
  ),
}

export const PRINT_FORMATS = [
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'name',
  'template',
  'templatefile',
  'yaml',
]

/** The printer for `-o`. Throws for unknown formats and templates that don't parse. */
export async function printerFor(options: PrintOptions): Promise<ObjectPrinter> {
  const { output } = options
  const [format = '', argument] = splitFormat(output)
  if (format === 'yaml' && argument === undefined) return documentPrinter(options, yamlText)
  if (format === 'json' && argument === undefined) {
    return wholePrinter(options, (object) => jsonText(object, options.keepOrder))
  }
  if (format === 'kyaml') return wholePrinter(options, kyamlText)
  if (format === 'name')
    return {
      print: (object) =>
        itemsOf(object)
          .map((item) => nameLine(item))
          .join(''),
    }
  if (format.startsWith('jsonpath')) {
    const { jsonPathPrinter } = await import('./jsonpath-printer.js')
    return jsonPathPrinter(format, templateText(argument, options), options)
  }
  if (/^(go-template|template)(-?file)?$/.test(format)) {
    const { goTemplatePrinter } = await import('./go-template-printer.js')
    return goTemplatePrinter(format, templateText(argument, options), options)
  }
  throw unknownFormat(output, options.formats ?? PRINT_FORMATS)
}

export const unknownFormat = (output: string, formats: readonly string[]): CommandError =>
  new CommandError(
    `unable to match a printer suitable for the output format "${output}", allowed formats are: ${[...formats].sort().join(',')}`,
  )

/** `jsonpath={.a}` → `['jsonpath', '{.a}']` */
export function splitFormat(output: string): [string, string | undefined] {
  const equals = output.indexOf('=')
  return equals < 0 ? [output, undefined] : [output.slice(0, equals), output.slice(equals + 1)]
}

const templateText = (argument: string | undefined, options: PrintOptions): string =>
  argument ?? options.template ?? ''

/** YAML documents one after another are kept apart by `---`. */
function documentPrinter(options: PrintOptions, text: (object: unknown) => string): ObjectPrinter {
  let printed = 0
  return {
    print: (object) => `${printed++ > 0 ? '---\n' : ''}${text(withoutManaged(object, options))}`,
  }
}

const wholePrinter = (options: PrintOptions, text: (object: unknown) => string): ObjectPrinter => ({
  print: (object) => text(withoutManaged(object, options)),
})

function withoutManaged(object: KubeObject, options: PrintOptions): KubeObject {
  if (options.showManagedFields) return object
  if (isList(object)) {
    return { ...object, items: itemsOf(object).map((item) => withoutManaged(item, options)) }
  }
  if (!object.metadata?.managedFields) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

export const isList = (object: KubeObject): boolean =>
  Array.isArray(object.items) && (object.kind ?? '').endsWith('List')

export const itemsOf = (object: KubeObject): KubeObject[] =>
  isList(object) ? (object.items as KubeObject[]) : [object]

/** `deployment.apps/web` and a newline, with what was done to it if anything. */
export function nameLine(object: KubeObject, done = ''): string {
  const apiVersion = object.apiVersion ?? ''
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''
  const kind = (object.kind ?? '').toLowerCase() || '<unknown>'
  const suffix = typeof done === 'string' && done !== '' ? ` ${done}` : ''
  return `${kind}${group}/${object.metadata.name ?? ''}${suffix}\n`
}
