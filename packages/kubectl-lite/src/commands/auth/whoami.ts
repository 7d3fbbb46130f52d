import type { SelfSubjectReview } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { printerFor, printFlags } from '../../printers/print-flags.js'
import { GET_LAYOUT, layOut } from '../../printers/tab-writer.js'

export const whoami = defineCommand({
  usage: 'whoami [options]',
  summary: 'Experimental: Check self subject attributes',
  flags: printFlags,
  async run(session, { flags }) {
    const answer = await session.rest.object({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {} },
    })
    if (flags.output !== '') {
      session.out.stdout((await printerFor({ ...flags, keepOrder: true })).print(answer))
      return
    }
    const {
      username,
      uid,
      groups = [],
      extra = {},
    } = (answer as unknown as SelfSubjectReview).status?.userInfo ?? {}
    const rows: [string, string][] = [['ATTRIBUTE', 'VALUE']]
    if (username) rows.push(['Username', username])
    if (uid) rows.push(['UID', uid])
    if (groups.length > 0) rows.push(['Groups', `[${groups.join(' ')}]`])
    for (const [key, values] of Object.entries(extra).sort()) {
      rows.push([`Extra: ${key}`, `[${(values as unknown as string[]).join(' ')}]`])
    }
    session.out.stdout(layOut(GET_LAYOUT, rows.map(([a, b]) => `${a}\t${b}\n`).join('')))
  },
})
