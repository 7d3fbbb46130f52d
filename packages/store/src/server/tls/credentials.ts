import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Log } from '../../log.js'

export interface CredentialFiles {
  readonly cert: string
  readonly key: string
  /** Absent: nobody's certificate is verified against one of ours. */
  readonly ca?: string | undefined
}

/** PEM. */
export interface Pems {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

/** What the certificate files have now, so that whoever renews them need not restart the member. */
export interface Credentials {
  /**
   * The same object as long as the files are the same. Files that changed into something unusable
   * are left alone, and said so in the log: renewing writes one file after the other.
   */
  current(): Pems
}

/** Throws when the files can't be read, or don't fit together. */
export function openCredentials(files: CredentialFiles, log: Log): Credentials {
  let state = stateOf(files)
  let pems = read(files)
  return {
    current() {
      try {
        const now = stateOf(files)
        if (now !== state) {
          state = now
          pems = read(files)
          log.info('loaded certificates anew', { ...files })
        }
      } catch (error) {
        log.warn('cannot load certificates anew: the old ones stay', { ...files, error })
      }
      return pems
    },
  }
}

function read({ cert, key, ca }: CredentialFiles): Pems {
  const pems = {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
  }
  try {
    createSecureContext(pems)
  } catch (cause) {
    const problem = (cause as Error).message
    throw new Error(`${cert} and ${key} can't be used together: ${problem}`, { cause })
  }
  return pems
}

/** Some microseconds a handshake, which costs a thousand times that. */
const stateOf = ({ cert, key, ca }: CredentialFiles): string =>
  [cert, key, ...(ca === undefined ? [] : [ca])]
    .map((path) => {
      const { ino, size, mtimeMs } = statSync(path)
      return `${ino}:${size}:${mtimeMs}`
    })
    .join(' ')
