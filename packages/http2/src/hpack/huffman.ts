import { END_OF_STRING, HUFFMAN_LENGTHS } from './tables.js'

/** The code of each symbol, right-aligned. */
const CODES: Uint32Array = canonicalCodes(HUFFMAN_LENGTHS)
const LENGTHS = Uint8Array.from(HUFFMAN_LENGTHS)

function canonicalCodes(lengths: readonly number[]): Uint32Array {
  const bySize = lengths.map((length, symbol) => ({ length, symbol }))
  bySize.sort((a, b) => a.length - b.length || a.symbol - b.symbol)
  const codes = new Uint32Array(lengths.length)
  let code = 0
  let bits = 0
  for (const { length, symbol } of bySize) {
    // A shift beyond 30 bits never happens: no code is longer.
    code <<= length - bits
    bits = length
    codes[symbol] = code++
  }
  return codes
}

/**
 * A machine that takes four bits at a time. An entry: bits 0–7 the byte that was completed, bit 8
 * whether there is one, bit 9 that the string can't be, bits 10 and more the next state. A state is an
 * inner node of the tree of codes; state 0 is the root.
 */
const HAS_BYTE = 0x100
const IS_BAD = 0x200
const NEXT_SHIFT = 10

interface Machine {
  readonly steps: Uint32Array
  /** Whether a string may end in a state: what is left over is the beginning of the end's code. */
  readonly mayEnd: Uint8Array
}

const MACHINE: Machine = buildMachine()

interface Node {
  readonly state: number
  zero: Node | number | undefined
  one: Node | number | undefined
}

function buildTree(): Node[] {
  const nodes: Node[] = [{ state: 0, zero: undefined, one: undefined }]
  for (let symbol = 0; symbol <= END_OF_STRING; symbol++) {
    let node = nodes[0] as Node
    for (let bit = (LENGTHS[symbol] as number) - 1; bit >= 0; bit--) {
      const side = ((CODES[symbol] as number) >>> bit) & 1 ? 'one' : 'zero'
      if (bit === 0) {
        node[side] = symbol
        break
      }
      if (node[side] === undefined) {
        const child: Node = { state: nodes.length, zero: undefined, one: undefined }
        nodes.push(child)
        node[side] = child
      }
      node = node[side] as Node
    }
  }
  return nodes
}

function buildMachine(): Machine {
  const nodes = buildTree()
  const steps = new Uint32Array(nodes.length * 16)
  for (const node of nodes) {
    for (let bits = 0; bits < 16; bits++) steps[node.state * 16 + bits] = step(node, bits, nodes)
  }
  const mayEnd = new Uint8Array(nodes.length)
  // Up to seven ones. Source: RFC 7541, 5.2.
  let node: Node | number | undefined = nodes[0]
  for (let depth = 0; depth < 8 && typeof node === 'object'; depth++) {
    mayEnd[node.state] = 1
    node = node.one
  }
  return { steps, mayEnd }
}

/** No code is shorter than five bits, so that at most one ends within four. */
function step(from: Node, bits: number, nodes: readonly Node[]): number {
  let node = from
  let found = 0
  for (let bit = 3; bit >= 0; bit--) {
    const next = (bits >>> bit) & 1 ? node.one : node.zero
    if (next === undefined || next === END_OF_STRING) return IS_BAD
    if (typeof next === 'number') {
      found = HAS_BYTE | next
      node = nodes[0] as Node
    } else node = next
  }
  return found | (node.state << NEXT_SHIFT)
}

/** Writes what the bytes from `start` to `end` stand for to `into`. Answers its length, or -1: it is no such code. */
export function huffmanDecode(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
): number {
  const { steps, mayEnd } = MACHINE
  let state = 0
  let length = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    let entry = steps[state * 16 + (byte >>> 4)] as number
    if (entry & HAS_BYTE) into[length++] = entry
    if (entry & IS_BAD) return -1
    entry = steps[(entry >>> NEXT_SHIFT) * 16 + (byte & 15)] as number
    if (entry & HAS_BYTE) into[length++] = entry
    if (entry & IS_BAD) return -1
    state = entry >>> NEXT_SHIFT
  }
  return mayEnd[state] === 1 ? length : -1
}

/** The most bytes that so many can stand for: five bits a byte. */
export const decodedLengthMax = (bytes: number): number => Math.ceil((bytes * 8) / 5)

/** How many bytes `huffmanEncode` writes. Characters are those of latin1. */
export function huffmanLength(text: string): number {
  let bits = 0
  for (let i = 0; i < text.length; i++) bits += LENGTHS[text.charCodeAt(i) & 0xff] as number
  return (bits + 7) >>> 3
}

/** Answers where it stopped writing. */
export function huffmanEncode(text: string, into: Uint8Array, start: number): number {
  let at = start
  // What is not written yet, right-aligned: fewer than eight bits before each symbol.
  let rest = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff
    let code = CODES[symbol] as number
    let length = LENGTHS[symbol] as number
    // Together no more than 31 bits at a time.
    if (length > 16) {
      rest = (rest << (length - 16)) | (code >>> 16)
      bits += length - 16
      while (bits >= 8) {
        bits -= 8
        into[at++] = rest >>> bits
      }
      rest &= (1 << bits) - 1
      code &= 0xffff
      length = 16
    }
    rest = (rest << length) | code
    bits += length
    while (bits >= 8) {
      bits -= 8
      into[at++] = rest >>> bits
    }
    rest &= (1 << bits) - 1
  }
  if (bits > 0) into[at++] = (rest << (8 - bits)) | (0xff >>> bits)
  return at
}
