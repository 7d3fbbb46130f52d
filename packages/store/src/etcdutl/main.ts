import { openLog } from '../server/log/json-log.js'
import { systemClock } from '../server/system-clock.js'
import { runEtcdutl } from './program.js'

const log = openLog({ clock: systemClock, level: 'info', outputs: ['stderr'], format: 'json' })

// Nothing is awaited at the top of a program: its bundle is a script.
void runEtcdutl(process.argv.slice(2), {
  line: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
  log: log.of('etcdutl'),
}).then((code) => {
  process.exitCode = code
})
