import { StatusError } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { checkError } from './check-error.js'
import { CommandError, ErrorList, NoResourceMatch, SilentExit } from './errors.js'
import { withSource } from './status.js'

const status = (reason: string, message: string, details?: object) =>
  new StatusError({
    metadata: {},
    status: 'Failure',
    reason,
    message,
    code: 400,
    ...(details ? { details } : {}),
  })

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

describe('what a failure prints', () => {
  it.each([
    [new CommandError('no'), 'error: no\n'],
    [new CommandError('error: no'), 'error: no\n'],
    [new NoResourceMatch('x'), 'the server doesn\'t have a resource type "x"\n'],
    [
      status('NotFound', 'pods "x" not found'),
      'Error from server (NotFound): pods "x" not found\n',
    ],
    [status('', 'odd'), 'Error from server: odd\n'],
    [status('Unauthorized', 'no'), 'error: You must be logged in to the server (no)\n'],
    [
      status('Invalid', 'x', {
        kind: 'Pod',
        name: 'p',
        causes: [{ field: 'spec.a', message: 'Required value' }],
      }),
      'The Pod "p" is invalid: spec.a: Required value\n',
    ],
    [
      status('Invalid', 'x', {
        kind: 'Pod',
        name: 'p',
        causes: [
          { field: 'a', message: '1' },
          { field: 'a', message: '1' },
          { field: 'b', message: '2' },
        ],
      }),
      'The Pod "p" is invalid: \n* a: 1\n* b: 2\n',
    ],
    [status('Invalid', 'rejected', {}), 'The request is invalid: rejected\n'],
    [
      refused,
      'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n',
    ],
    [new ErrorList([new CommandError('one')]), 'error: one\n'],
    [
      new ErrorList([new CommandError('one'), status('NotFound', 'two')]),
      'one\nError from server (NotFound): two\n',
    ],
    [
      withSource(status('AlreadyExists', 'it is there'), 'creating', 'a.yaml'),
      'Error from server (AlreadyExists): error when creating "a.yaml": it is there\n',
    ],
  ])('%s', (error, message) => {
    expect(checkError(error, 'https://127.0.0.1:1')).toEqual({ message, code: 1 })
  })

  it('nothing, when the command has said it all', () => {
    expect(checkError(new SilentExit(3), '')).toEqual({ message: '', code: 3 })
  })
})
