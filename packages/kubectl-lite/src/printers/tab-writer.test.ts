import { describe, expect, it } from 'vitest'
import { DESCRIBE_LAYOUT, GET_LAYOUT, layOut, TabWriter } from './tab-writer.js'

describe('columns', () => {
  it('are as wide as their widest cell plus the padding, the last one as wide as it is', () => {
    expect(layOut(GET_LAYOUT, 'NAME\tAGE\nweb-1\t5s\n')).toBe('NAME    AGE\nweb-1   5s\n')
  })

  it('are at least six wide for get', () => {
    expect(layOut(GET_LAYOUT, 'A\tB\nx\ty\n')).toBe('A     B\nx     y\n')
  })

  it('begin anew where a line has no cell in them', () => {
    const text = 'Name:\tweb\nData\n====\nlong-key:\tv\n'
    expect(layOut(DESCRIBE_LAYOUT, text)).toBe('Name:  web\nData\n====\nlong-key:  v\n')
  })

  it('keep an empty last cell, since a tab stands before it', () => {
    expect(layOut(GET_LAYOUT, 'TIER\tN\nfront\t\n')).toBe('TIER    N\nfront   \n')
  })

  it('count characters and not bytes', () => {
    expect(layOut(DESCRIBE_LAYOUT, 'ä€😀\tx\nabcd\ty\n')).toBe('ä€😀   x\nabcd  y\n')
  })

  it('never get narrower from one flush to the next', () => {
    const printed: string[] = []
    const writer = new TabWriter(GET_LAYOUT, (text) => printed.push(text))
    for (const line of ['a-long-name\t1\n', 'b\t2\n']) {
      writer.write(line)
      writer.flush()
    }
    expect(printed).toEqual(['a-long-name   1\n', 'b             2\n'])
  })
})
