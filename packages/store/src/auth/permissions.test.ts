import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contains, type KeyRange } from '../client/key-range.js'
import type { Permission } from '../wire/auth.js'
import { type Right, Rights } from './permissions.js'

const ALPHABET = ['\0', 'a', 'b', '\xff']
/** Every key of at most two bytes of a small alphabet; between them there are others. */
const KEYS = ['', ...ALPHABET, ...ALPHABET.flatMap((a) => ALPHABET.map((b) => a + b))]
  .filter((key) => key !== '')
  .sort()

const key = fc.constantFrom(...KEYS)
const range = fc.record({ key, rangeEnd: fc.oneof(fc.constantFrom('', '\0'), key) })
const permission: fc.Arbitrary<Permission> = fc
  .tuple(range, fc.constantFrom('read', 'write', 'readwrite'))
  .map(([{ key, rangeEnd }, permType]) => ({ permType, key, rangeEnd }))
const role = fc
  .array(permission, { maxLength: 4 })
  .map((keyPermission) => ({ name: 'r', keyPermission }))

const has = (right: Right, { permType }: Permission): boolean =>
  permType === right || permType === 'readwrite'

/** Keys at which something can begin or end: if all of them are allowed, what lies between is. */
const edges = KEYS.flatMap((edge) => [edge, `${edge}\0`])

it('roles allow a key when one of their permissions does', () => {
  fc.assert(
    fc.property(
      fc.array(role, { maxLength: 3 }),
      key,
      fc.constantFrom('read', 'write'),
      (roles, wanted, right) => {
        const isAllowed = roles
          .flatMap(({ keyPermission }) => keyPermission)
          .some((one) => has(right, one) && contains(one, wanted))
        expect(new Rights(roles).allow(right, { key: wanted })).toBe(isAllowed)
      },
    ),
  )
})

it('and a range when they allow every key in it, together', () => {
  fc.assert(
    fc.property(
      fc.array(role, { maxLength: 3 }),
      range,
      fc.constantFrom('read', 'write'),
      (roles, wanted, right) => {
        const inside = edges.filter((edge) => contains(wanted, edge))
        fc.pre(inside.length > 0)
        const rights = new Rights(roles)
        const isAllowed =
          inside.every((one) => isHeld(roles, right, one)) &&
          (wanted.rangeEnd !== '\0' || isHeldToTheEnd(roles, right))
        expect(rights.allow(right, wanted)).toBe(isAllowed)
      },
    ),
    { numRuns: 500 },
  )
})

type Roles = readonly { readonly keyPermission: readonly Permission[] }[]

const isHeld = (roles: Roles, right: Right, wanted: string): boolean =>
  permissionsOf(roles, right).some((one: KeyRange) => contains(one, wanted))

/** What comes after every key of the alphabet: only a range without an end holds it. */
const isHeldToTheEnd = (roles: Roles, right: Right): boolean =>
  permissionsOf(roles, right).some(({ rangeEnd }) => rangeEnd === '\0')

const permissionsOf = (roles: Roles, right: Right): Permission[] =>
  roles.flatMap(({ keyPermission }) => keyPermission).filter((one) => has(right, one))
