import { describe, expect, it } from 'vitest'
import { FakeServer, kubectl } from '../fake-server.suite.js'

describe('mistakes on the command line', () => {
  it.each([
    ['nosuch', 'error: unknown command "nosuch" for "kubectl"\n'],
    ['gte pods', 'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n'],
    ['get pods --nosuch', "error: unknown flag: --nosuch\nSee 'kubectl get --help' for usage.\n"],
    ['scale deploy/web', 'error: required flag(s) "replicas" not set\n'],
    ['get nosuch', 'error: the server doesn\'t have a resource type "nosuch"\n'],
    ['get pods web -l a=b', 'error: name cannot be provided when a selector is specified\n'],
    ['delete pods', 'error: resource(s) were provided, but no name was specified\n'],
    [
      'create nosuch x',
      "error: Unexpected args: [nosuch x]\nSee 'kubectl create -h' for help and examples\n",
    ],
    ['apply', 'error: must specify one of -f and -k\n'],
    ['apply -f nothere.yaml', 'error: the path "nothere.yaml" does not exist\n'],
    [
      'apply -f http://x/y.yaml',
      'error: unable to read URL "http://x/y.yaml": manifests are read from files only\n',
    ],
    [
      'delete cm x --cascade=sideways',
      'error: invalid cascade value (sideways). Must be "background", "foreground", or "orphan"\n',
    ],
    ['rollout status', 'error: required resource not specified\n'],
    ['wait pod/p', 'error: unrecognized condition: []\n'],
    ['wait pod/p --for=nonsense', 'error: unrecognized condition: "nonsense"\n'],
    [
      'api-resources extra',
      "error: unexpected arguments: [extra]\nSee 'kubectl api-resources -h' for help and examples\n",
    ],
    [
      'get deploy web cm/web',
      /^error: there is no need to specify a resource type as a separate argument/,
    ],
    [
      'get pods -o nosuch',
      /^error: unable to match a printer suitable for the output format "nosuch", allowed formats are: custom-columns,/,
    ],
    ['get pods --request-timeout=soon', /^error: Invalid timeout value\./],
    ['get pods --dry', /^error: unknown flag: --dry\n/],
  ])('%s', async (line, message) => {
    const { code, out, err } = await kubectl(new FakeServer(), line)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    if (typeof message === 'string') expect(err).toBe(message)
    else expect(err).toMatch(message)
  })

  it('prints the help of every command from its data', async () => {
    const { code, out } = await kubectl(new FakeServer(), 'scale --help')
    expect(code).toBe(0)
    expect(out).toContain('Set a new size for a deployment')
    expect(out).toContain('    --replicas=0:\n\tThe new desired number of replicas. Required.')
    expect(out).toContain('Usage:\n  kubectl scale [--resource-version=version]')
  })

  it('shows a bare group on standard error and fails', async () => {
    const { code, out, err } = await kubectl(new FakeServer(), 'set')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^Configure application resources\.\n/)
  })
})
