import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Recording, scenarios } from './kube-components/play.js'
import { isBuilt, USERS } from './kube-components/programs.js'
import { recordingOf } from './kube-components/recordings.js'
import { forEachAtOnce, withComponents } from './kube-components/run.js'

const NAMES = Object.keys(scenarios)
const LONGEST_MS = 15 * 60_000

/** What they also complain of beside the real API server. */
const EXPECTED = [
  /The manifest file is empty/,
  // The certificates that it could hold were not given to the server.
  /extension-apiserver-authentication/,
  // Whoever is quick meets a cache that is not, and an object that is gone.
  /is not as new as written version|the object has been modified/,
  /Error updating pod.* not found|sync .* failed with replicasets\.apps .* not found/,
  /can't adopt ControllerRevisions|ReplicaSet has no controller/,
  // What scenarios are about.
  /exceeded quota: few|violates PodSecurity|error looking up service account/,
  /storageclass\.storage\.k8s\.io \S+ not found/,
  /status="not found"/,
  /failed to compute desired number of replicas|deployments\.apps \S+nobody\S+ not found/,
  /was not created for pod|unable to get REST mapping for v1\/Nothing|v1\/Nothing/,
]

describe.skipIf(!isBuilt('kube-controller-manager', 'kube-scheduler'))(
  'the real controllers and the real scheduler on our API server',
  () => {
    const seen = new Map<string, Recording | Error>()
    let folder: string
    let complaints: string[] = []

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'components-'))
      await using plane = await startControlPlane({ controllers: false, users: USERS })
      const server = plane.server ?? ''
      await withComponents(server, folder, async (playOne, { controllerManager, scheduler }) => {
        await forEachAtOnce(NAMES, async (name) => {
          seen.set(name, await playOne(name).catch((error: Error) => error))
        })
        complaints = [...controllerManager.lines, ...scheduler.lines].filter(isComplaint)
      })
    }, LONGEST_MS)
    afterAll(() => rmSync(folder, { recursive: true }))

    it.each(NAMES)('%s: everything is as on the real one', (name) => {
      expect(seen.get(name)).toEqual(recordingOf(name))
    })

    it('they have nothing to complain of', () => {
      expect(complaints).toEqual([])
    })
  },
)

const isComplaint = (line: string): boolean =>
  /^[EF]\d{4} /.test(line) && !EXPECTED.some((text) => text.test(line))
