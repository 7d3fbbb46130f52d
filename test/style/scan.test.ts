import { describe, expect, it } from 'vitest'
import { blank } from './scan.js'

describe('blank', () => {
  it.each([
    ["f('a b') // c", "f('   ')     ", 'strings and line comments'],
    ['/* a\nb */ f()', '    \n     f()', 'a comment keeps its lines'],
    ["'it\\'s' + f", "'     ' + f", 'an escaped quote'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template is what is scanned
    ['`a ${f({ b: `c` })} d`', '`  ${f({ b: ` ` })}  `', 'templates within templates'],
    ['x = /[/"]+/.test(y) / 2', 'x = /     /.test(y) / 2', 'a regular expression, a division'],
    ["// it's\nf('a')", "       \nf(' ')", 'an apostrophe in a comment'],
    ["'/* a' + f + '*/'", "'    ' + f + '  '", 'a comment mark in a string'],
  ])('%j', (text, expected) => {
    expect(blank(text, { comments: true, strings: true })).toBe(expected)
  })

  it('keeps strings where only comments are asked for', () => {
    expect(blank("import 'a' // b", { comments: true })).toBe("import 'a'     ")
  })
})
