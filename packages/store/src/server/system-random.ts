import { randomInt } from 'node:crypto'
import type { Random } from '../random.js'

/** The machine's own chance; tokens are made of it, so nobody may guess it. */
export const systemRandom: Random = { below: (bound) => randomInt(bound) }
