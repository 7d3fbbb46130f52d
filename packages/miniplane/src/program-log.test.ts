import { StatusError } from '@miniplane/api'
import { expect, it } from 'vitest'
import { lineFor } from './program-log.js'

const refused = new StatusError({
  metadata: {},
  status: 'Failure',
  message: 'pods "a" is forbidden',
  code: 403,
})

it.each([
  ['a message', {}, 'warn: web waits'],
  ['facts', { failures: 3 }, 'warn: web waits {"failures":3}'],
  [
    'a refusal, without a stack',
    { error: refused },
    'warn: web waits: StatusError: pods "a" is forbidden',
  ],
  ['what is no Error', { error: 'gone' }, 'warn: web waits: gone'],
])('a terminal is shown %s in one line', (_, details, line) => {
  expect(lineFor('warn', 'web waits', details)).toBe(line)
})

it('where a fault of our own is, is shown too', () => {
  expect(lineFor('error', 'web waits', { error: new TypeError('x is undefined') })).toMatch(
    /^error: web waits: TypeError: x is undefined\n {4}at .*program-log\.test\.ts/,
  )
})
