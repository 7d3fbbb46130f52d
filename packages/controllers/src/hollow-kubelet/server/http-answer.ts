import { BrokenPipe, type ByteConnection, BytePipe, type Clock } from '@miniplane/api'
import { FileError } from '../container/file-system.js'
import { Input } from '../container/input.js'
import type { Listener } from './listener.js'

const HEAD_BYTES_MAX = 64 * 1024

/** What every hollow container says to whoever asks by HTTP. */
export const listenerText = ({ namespace, pod, container, port }: Listener): string =>
  `pod ${namespace}/${pod}, container ${container}, port ${port}\n`

export const TEXT_TYPE = 'text/plain; charset=utf-8'

/** A connection to a listener, which speaks HTTP/1.1 and nothing else. */
export function connectTo(listener: Listener, clock: Clock): ByteConnection {
  const [toListener, fromListener] = [new BytePipe(), new BytePipe()]
  void answerAll(new Input(toListener), fromListener, listener, clock)
  return {
    received: fromListener,
    sent: toListener,
    close() {
      toListener.end()
      toListener.break()
      fromListener.end()
    },
  }
}

async function answerAll(
  input: Input,
  output: BytePipe,
  listener: Listener,
  clock: Clock,
): Promise<void> {
  try {
    for (let isOpen = true; isOpen; ) isOpen = await answerOne(input, output, listener, clock)
  } catch (error) {
    // It is gone, or speaks no HTTP: either way the connection is over.
    if (!(error instanceof BrokenPipe) && !(error instanceof FileError)) throw error
  } finally {
    output.end()
    input.close()
  }
}

/** False: the connection is over. */
async function answerOne(
  input: Input,
  output: BytePipe,
  listener: Listener,
  clock: Clock,
): Promise<boolean> {
  const head = await readHead(input)
  if (head === undefined) return false
  const [, method] = /^([A-Z]+) \S+ HTTP\/1\.[01]$/.exec(head[0] ?? '') ?? []
  if (method === undefined) {
    await output.write(Buffer.from(responseText('400 Bad Request', 'Bad Request\n', clock, false)))
    return false
  }
  const field = (name: RegExp) => head.find((line) => name.test(line))?.replace(/^[^:]*:\s*/, '')
  const isKept = head[0]?.endsWith('1.1') === true && !/close/i.test(field(/^connection:/i) ?? '')
  const hasOddBody = field(/^transfer-encoding:/i) !== undefined
  if (!hasOddBody) await skip(input, Number(field(/^content-length:/i) ?? 0))
  const whole = responseText('200 OK', listenerText(listener), clock, isKept && !hasOddBody)
  const text = method === 'HEAD' ? whole.slice(0, whole.indexOf('\r\n\r\n') + 4) : whole
  await output.write(Buffer.from(text))
  return isKept && !hasOddBody
}

async function readHead(input: Input): Promise<string[] | undefined> {
  const lines: string[] = []
  let size = 0
  for (let line = await input.readLine(); line; line = await input.readLine()) {
    size += line.length
    if (size > HEAD_BYTES_MAX) return undefined
    const text = Buffer.from(line)
      .toString('latin1')
      .replace(/\r?\n$/, '')
    if (text === '' && lines.length > 0) return lines
    if (text !== '') lines.push(text)
  }
  return undefined
}

async function skip(input: Input, length: number): Promise<void> {
  let left = length
  while (left > 0) {
    const bytes = await input.read(left)
    if (!bytes) return
    left -= bytes.length
  }
}

const responseText = (status: string, body: string, clock: Clock, isKept: boolean): string =>
  `HTTP/1.1 ${status}\r\nDate: ${new Date(clock.now()).toUTCString()}\r\n` +
  `Content-Type: ${TEXT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
  `${isKept ? '' : 'Connection: close\r\n'}\r\n${body}`
