import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { play } from './script.fixture.js'

/**
 * Conversations with a server, a file a concern, and how they must go. A line `# …` begins one and
 * names it. HTTP2_SCRIPTS=write keeps how they really went: understand each difference before you
 * commit it.
 */
const folder = new URL('./testdata/', import.meta.url)

const LIMITS = {
  concurrentStreamsMax: 3,
  headerListBytesMax: 1000,
  streamWindowBytes: 100,
  connectionWindowBytes: 70_000,
  queuedBytesMax: 100_000,
  nuisancesPerSecondMax: 10,
}

/** What every conversation begins with, unless it shows a beginning of its own. */
const BEGINNING = '> PREFACE\n> SETTINGS\n> SETTINGS ACK'

async function real(script: string): Promise<string> {
  if (script.includes('PREFACE') || script.includes('RAW 4e4f54')) {
    return play(script, { limits: LIMITS })
  }
  const all = await play(`${BEGINNING}\n${script}`, { limits: LIMITS })
  return all.slice(all.indexOf('> SETTINGS ACK\n') + '> SETTINGS ACK\n'.length)
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  const path = new URL(file, folder)
  const scripts = readFileSync(path, 'utf8').split(/^# /m).slice(1)
  describe(file.replace('.txt', ''), () => {
    const played: string[] = []
    it.each(scripts.map((script) => script.trim().split('\n')))('%s', async (title, ...lines) => {
      const transcript = await real(lines.join('\n'))
      played.push(`# ${title}\n${transcript}\n`)
      if (process.env.HTTP2_SCRIPTS === 'write') writeFileSync(path, played.join('\n'))
      else expect(transcript).toBe(lines.join('\n'))
    })
  })
}
