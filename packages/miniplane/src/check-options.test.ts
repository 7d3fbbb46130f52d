import { ManualClock, seededRandom } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { checkOptions } from './check-options.js'
import { startControlPlane } from './control-plane.js'

const serving = { certificatePem: '-----BEGIN CERTIFICATE-----', privateKeyPem: 'KEY' }

describe('options of a control plane', () => {
  it.each([
    [{ nodes: -1 }, 'nodes must be a whole number from 0 to 3000'],
    [{ nodes: 1.5 }, 'nodes must be a whole number from 0 to 3000'],
    [{ nodes: Number.NaN }, 'nodes must be a whole number from 0 to 3000'],
    [{ nodes: '3' }, 'nodes must be a whole number from 0 to 3000'],
    [{ nodes: 3001 }, 'nodes must be a whole number from 0 to 3000'],
    [{ node: 3 }, /^there is no option node; those that are: nodes, controllers, /],
    [{ toString: 3 }, /^there is no option toString; /],
    [{ controllers: 'false' }, 'controllers must be true or false'],
    [{ https: true }, 'https must be false or an object'],
    [{ https: { port: 65_536 } }, 'https.port must be a whole number from 0 to 65535'],
    [
      { https: { prot: 6443 } },
      'there is no option https.prot; those that are: host, port, serving, clientAuthorities',
    ],
    [
      { https: { serving } },
      'https.serving must be PEM texts by the names of certificatePem and privateKeyPem',
    ],
    [{ https: { clientAuthorities: './ca.pem' } }, 'https.clientAuthorities must be PEM text'],
    [{ users: [{ token: 'T' }] }, 'users must be a list of objects with a token and a name'],
    [
      { users: { token: 'T', name: 'N' } },
      'users must be a list of objects with a token and a name',
    ],
    [{ dataDir: '' }, 'dataDir must be a text that is not empty'],
    [
      { storageMediaType: 'application/yaml' },
      'storageMediaType must be one of application/json, application/vnd.kubernetes.protobuf',
    ],
    [
      { authorizationModes: ['rbac'] },
      /^authorizationModes must be a list of some of .*\bRBAC\b.*$/,
    ],
    [{ enableAdmissionPlugins: 'AlwaysPullImages' }, /must be a list of names$/],
    [{ clock: Date }, 'clock must be a Clock, such as a ManualClock'],
    [{ random: () => 0.5 }, 'random must be a Random, such as seededRandom(1)'],
    [{ log: console.log }, 'log must be a Log'],
  ])('%j is refused', async (options, message) => {
    await expect(startControlPlane(options as never)).rejects.toThrow(
      expect.objectContaining({
        name: 'TypeError',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    )
  })

  it('all that is left out or undefined is as it is by default', () => {
    checkOptions({})
    checkOptions({ nodes: undefined, https: { serving: undefined } } as never)
    checkOptions({ clock: new ManualClock(), random: seededRandom(1), log: console, https: false })
  })
})
