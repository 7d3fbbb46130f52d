import type { KubeObject } from '@miniplane/api'
import { nameLine, printerFor } from '../printers/print-flags.js'
import type { PrintOptions } from '../printers/print-options.js'
import type { Session } from '../session/session.js'
import { type DryRun, dryRunSuffix } from './dry-run.js'

/** Prints what became of an object: `deployment.apps/web created`, or the object with `-o`. */
export type ResultPrinter = (object: KubeObject, done: string) => void

/** The printer for results. Throws when `-o` names no format. */
export async function resultPrinter(
  session: Session,
  options: PrintOptions,
  dryRun: DryRun,
): Promise<ResultPrinter> {
  if (options.output === '' && !options.template) {
    return (object, done) => session.out.stdout(nameLine(object, `${done}${dryRunSuffix(dryRun)}`))
  }
  const output = options.output === '' ? 'go-template' : options.output
  const folder = session.environment.folder
  const printer = await printerFor({ ...options, output, folder })
  return (object) => session.out.stdout(printer.print(object))
}
