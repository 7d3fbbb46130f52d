import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { SimpleTokens } from './tokens.js'

function tokensOf() {
  const clock = new HeldClock()
  const tokens = new SimpleTokens({ clock, random: new SeededRandom(1), ttlMs: 1000 })
  return { clock, tokens, issue: (name: string) => tokens.issue(name, 3, tokens.draft(), 7) }
}

describe('simple tokens', () => {
  it('are letters by chance, and where in the log they were agreed upon', () => {
    const { tokens, issue } = tokensOf()
    const [a, b] = [issue('alice'), issue('alice')]
    expect(a).toMatch(/^[A-Za-z]{16}\.7$/)
    expect(b).not.toBe(a)
    // 0: they count with whatever permissions are in force.
    expect(tokens.find(a)).toEqual({ username: 'alice', authRevision: 0 })
    expect(tokens.find('guessed.7')).toBeUndefined()
  })

  it('live as long as they are used, and a while longer', () => {
    const { clock, tokens, issue } = tokensOf()
    const [used, unused] = [issue('alice'), issue('alice')]
    clock.advance(700)
    expect(tokens.find(used)).toBeDefined()
    clock.advance(700)
    expect(tokens.find(unused)).toBeUndefined()
    expect(tokens.find(used)).toBeDefined()
    clock.advance(1000)
    expect(tokens.find(used)).toBeUndefined()
  })

  it('are forgotten with their user, or all', () => {
    const { tokens, issue } = tokensOf()
    const [alice, bob] = [issue('alice'), issue('bob')]
    tokens.forget('alice')
    expect(tokens.find(alice)).toBeUndefined()
    expect(tokens.find(bob)).toBeDefined()
    tokens.forget()
    expect(tokens.find(bob)).toBeUndefined()
  })
})
