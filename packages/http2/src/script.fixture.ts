import { answering } from './answering.fixture.js'
import { HeldClock, turns } from './clock.fixture.js'
import { ErrorCode } from './errors.js'
import {
  codeNames,
  decodeFrames,
  encodeFrame,
  type Frame,
  frameNames,
  literalBlock,
  requestFields,
  uint32,
} from './frames.fixture.js'
import { Flag, FrameType, PREFACE } from './frames.js'
import { HeaderDecoder } from './hpack/decoder.js'
import { type ServeOptions, serveHttp2 } from './serve.js'
import { socketPair } from './socket-pair.fixture.js'

/**
 * A conversation as text. `> …` is what the client sends, `< …` what it hears, `! …` what a receiver is
 * told, `* …` what else happens. Answers the conversation as it really went.
 */
export async function play(script: string, options: Partial<ServeOptions> = {}): Promise<string> {
  const clock = new HeldClock()
  const [client, server] = socketPair()
  const heard: string[] = []
  const decoder = new HeaderDecoder({ tableBytesMax: 4096, listBytesMax: 1e6 })
  let rest: Buffer = Buffer.alloc(0)
  client.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk])
    const { frames, end } = decodeFrames(bytes)
    rest = bytes.subarray(end)
    for (const frame of frames) heard.push(`< ${shown(frame, decoder)}`)
  })
  client.on('end', () => heard.push('< closed'))
  client.on('error', () => client.destroy())
  const connection = serveHttp2(
    server,
    { clock, ...options },
    answering((event) => heard.push(`! ${event}`)),
  )
  const transcript: string[] = []
  for (const line of script.split('\n')) {
    if (!/^[>*] /.test(line)) continue
    transcript.push(line)
    const [what = '', ...words] = line.slice(2).split(' ')
    if (line.startsWith('> ')) client.write(encoded(what, words))
    else if (what === 'close') connection.close()
    else if (what === 'wait') clock.advance(Number(words[0]))
    else if (what === 'stuck') server.isStuck = true
    else if (what === 'unstuck') server.unstick()
    await turns()
    transcript.push(...heard.splice(0))
  }
  client.destroy()
  return transcript.join('\n')
}

const FLAGS: Readonly<Record<string, number>> = {
  END_STREAM: Flag.endStream,
  ACK: Flag.ack,
  END_HEADERS: Flag.endHeaders,
  PADDED: Flag.padded,
  PRIORITY: Flag.priority,
}

const SETTINGS: Readonly<Record<string, number>> = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
}

const numberOf = (names: ReadonlyMap<number, string>, word: string): number => {
  for (const [number, name] of names) if (name === word) return number
  throw new Error(`unknown word ${word}`)
}

/** `TYPE [stream] [FLAG…] [payload…]`, where the payload depends on the type. */
function encoded(type: string, words: string[]): Buffer {
  if (type === 'PREFACE') return PREFACE
  if (type === 'RAW') return Buffer.from(words.join(''), 'hex')
  const streamId = /^\d+$/.test(words[0] ?? '') ? Number(words.shift()) : 0
  let flags = 0
  while (words[0] !== undefined && words[0] in FLAGS) flags |= FLAGS[words.shift() as string] ?? 0
  const number = numberOf(frameNames, type)
  return encodeFrame(number, flags, streamId, payloadOf(number, words))
}

function payloadOf(type: number, words: readonly string[]): Buffer {
  const [first = '', second = ''] = words
  if (first === 'hex') return Buffer.from(words.slice(1).join(''), 'hex')
  if (first === 'bytes') return Buffer.alloc(Number(second), 'x')
  switch (type) {
    case FrameType.headers:
    case FrameType.continuation:
      if (first === 'field') return literalBlock(words.slice(1))
      return literalBlock(requestFields(first, second, words.slice(2)))
    case FrameType.settings:
      return Buffer.concat(
        words.map((word) => {
          const [name = '', value] = word.split('=')
          return Buffer.concat([Buffer.from([0, SETTINGS[name] ?? 99]), uint32(Number(value))])
        }),
      )
    case FrameType.windowUpdate:
      return uint32(Number(first))
    case FrameType.rstStream:
      return uint32(numberOf(codeNames, first))
    case FrameType.goaway:
      return uint32(0, ErrorCode.noError)
    case FrameType.priority:
      return Buffer.alloc(5)
    default:
      return Buffer.from(words.join(' '))
  }
}

function shown({ type, flags, streamId, payload }: Frame, decoder: HeaderDecoder): string {
  const words = [frameNames.get(type) ?? `TYPE_${type}`]
  if (streamId > 0) words.push(String(streamId))
  const isControl = type === FrameType.settings || type === FrameType.ping
  if (flags & 1) words.push(isControl ? 'ACK' : 'END_STREAM')
  switch (type) {
    case FrameType.headers:
      words.push(...(decoder.decode(payload, 0, payload.length) ?? []))
      break
    case FrameType.data:
      words.push(payload.length > 20 ? `${payload.length} bytes` : `"${payload}"`)
      break
    case FrameType.windowUpdate:
      words.push(String(payload.readUInt32BE(0)))
      break
    case FrameType.rstStream:
      words.push(codeNames.get(payload.readUInt32BE(0)) ?? '?')
      break
    case FrameType.goaway:
      words.push(String(payload.readUInt32BE(0)), codeNames.get(payload.readUInt32BE(4)) ?? '?')
      if (payload.length > 8) words.push(`(${payload.subarray(8)})`)
      break
    case FrameType.ping:
      words.push(payload.toString())
  }
  return words.join(' ')
}
