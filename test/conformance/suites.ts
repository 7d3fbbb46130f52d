import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ControlPlaneOptions, startControlPlane } from 'miniplane'
import { kubectls } from '../support/judges.js'
import { kubectlLite } from '../support/programs.js'
import type { Impatience } from './recordings.js'

/** Which recordings are played, by what, against which server. */
export interface Suite {
  readonly name: string
  readonly folders: readonly string[]
  /** The player's file and its flags; undefined when the program it plays with is missing. */
  readonly player: () => readonly string[] | undefined
  /** What to do when `player` is undefined. */
  readonly missing: string
  /** A fresh server as the one that `folder` was recorded on; the caller disposes it. */
  readonly start: (folder: string) => Promise<{ readonly kubeconfig: string } & AsyncDisposable>
  /** Planes, each playing one file, side by side. */
  readonly concurrency: number
  /**
   * How long a case that is known to fail waits for what will not come: several times what a
   * passing one takes, and far less than the scripts' own patience.
   */
  readonly knownFailure: Impatience
}

/** What `kubectlLite` runs; the launcher itself is there before any build. */
const KUBECTL_LITE_BUNDLE = fileURLToPath(
  new URL('../../packages/kubectl-lite/bundle/kubectl-lite.cjs', import.meta.url),
)

export const httpSuite: Suite = {
  name: 'http',
  folders: ['machinery', 'kinds', 'extension'],
  player: () => ['play.mjs'],
  missing: '',
  start: startPlane,
  concurrency: 6,
  knownFailure: { waitSeconds: 1, commandSeconds: 0 },
}

export const kubectlSuite: Suite = {
  name: 'kubectl',
  folders: ['kubectl'],
  player: () => {
    // The transcripts are of 1.36; older ones word things differently.
    const judge = kubectls().find(({ name }) => name === 'kubectl 1.36')
    return judge && ['kubectl.mjs', '--kubectl', judge.path]
  },
  missing: 'kubectl 1.36 is missing: run test/clients/build.sh, or set MINIPLANE_KUBECTL',
  start: startPlane,
  concurrency: 4,
  knownFailure: { waitSeconds: 3, commandSeconds: 8 },
}

export const kubectlLiteSuite: Suite = {
  ...kubectlSuite,
  name: 'kubectl-lite',
  player: () =>
    existsSync(KUBECTL_LITE_BUNDLE)
      ? ['kubectl.mjs', '--kubectl', `${process.execPath} ${kubectlLite}`]
      : undefined,
  missing: 'kubectl-lite is not built: run npm run build',
}

export const suites: readonly Suite[] = [httpSuite, kubectlSuite, kubectlLiteSuite]

/** How the real server was started for each folder; the corpus's README says so. */
const API_SERVER_ALONE: ControlPlaneOptions = {
  controllers: false,
  nodes: 0,
  users: [
    { token: 'user-token', name: 'alice', groups: ['devs'] },
    { token: 'admin-token', name: 'admin', uid: 'admin-uid', groups: ['system:masters'] },
  ],
}
const PLANES: Readonly<Record<string, ControlPlaneOptions>> = {
  machinery: API_SERVER_ALONE,
  kinds: { ...API_SERVER_ALONE, disableAdmissionPlugins: ['ServiceAccount'] },
  extension: API_SERVER_ALONE,
  kubectl: { nodes: 2 },
}

async function startPlane(folder: string): Promise<{ kubeconfig: string } & AsyncDisposable> {
  const options = PLANES[folder] ?? {}
  const plane = await startControlPlane(options)
  const { kubeconfig } = plane
  if (kubeconfig === undefined) throw new Error('the plane listens on HTTPS but has no kubeconfig')
  return {
    kubeconfig: options.users ? asRecorded(kubeconfig) : kubeconfig,
    [Symbol.asyncDispose]: () => plane.close(),
  }
}

/** The one who recorded was the user `admin`: some objects say who made them. */
const asRecorded = (kubeconfig: string): string =>
  kubeconfig.replace(/\btoken: .*/, 'token: admin-token')
