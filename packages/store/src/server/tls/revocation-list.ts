import { readFileSync, statSync } from 'node:fs'

/** The serial numbers that an authority has taken back. */
export interface RevocationList {
  /** `serialNumber` is hex, as Node has it. */
  has(serialNumber: string): boolean
}

/** Reads a list, PEM or DER, and again when the file has changed. Rejects when it is none. */
export async function openRevocationList(path: string): Promise<RevocationList> {
  const { X509Crl } = await import('./x509.js')
  const read = () => {
    const bytes = readFileSync(path)
    const text = bytes.toString('latin1')
    const { entries, nextUpdate } = new X509Crl(text.includes('-----BEGIN') ? text : bytes)
    // Required, and without it the library takes the list for an empty one. Source: RFC 5280, 5.1.2.5.
    if (nextUpdate === undefined) throw new Error(`${path} does not say when the next list is due`)
    return new Set(entries.map(({ serialNumber }) => canonical(serialNumber)))
  }
  let serials = read()
  let readMs = statSync(path).mtimeMs
  return {
    has(serialNumber) {
      const { mtimeMs } = statSync(path)
      if (mtimeMs !== readMs) {
        serials = read()
        readMs = mtimeMs
      }
      return serials.has(canonical(serialNumber))
    },
  }
}

const canonical = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '')
