import { expect, it } from 'vitest'
import { BrokenPipe, BytePipe } from './byte-pipe.js'

const bytes = (text: string) => new TextEncoder().encode(text)

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const part of source) text += new TextDecoder().decode(part)
  return text
}

it('gives what was written, in order, to its end', async () => {
  const pipe = new BytePipe()
  const read = textOf(pipe)
  await pipe.write(bytes('one '))
  await pipe.write(bytes(''))
  await pipe.write(bytes('two'))
  pipe.end()
  pipe.end()
  expect(await read).toBe('one two')
  await expect(pipe.write(bytes('late'))).rejects.toThrow(BrokenPipe)
})

it('a writer waits for who reads slowly', async () => {
  const taken: number[] = []
  const pipe = new BytePipe(4, (count) => taken.push(count))
  let written = 0
  const writing = (async () => {
    for (let i = 0; i < 10; i++) {
      await pipe.write(bytes('abc'))
      written++
    }
    pipe.end()
  })()
  await new Promise((resolve) => setImmediate(resolve))
  expect({ written, queued: pipe.queuedBytes }).toEqual({ written: 1, queued: 6 })
  expect(await textOf(pipe)).toBe('abc'.repeat(10))
  await writing
  expect(taken).toEqual(Array.from({ length: 10 }, () => 3))
})

it('who stops reading breaks the pipe, and writers that wait hear of it', async () => {
  const pipe = new BytePipe(1)
  const writes = Promise.allSettled([pipe.write(bytes('first')), pipe.write(bytes('second'))])
  for await (const _ of pipe) break
  expect((await writes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(pipe.write(bytes('more'))).rejects.toThrow(BrokenPipe)
  expect(pipe.queuedBytes).toBe(0)
})
