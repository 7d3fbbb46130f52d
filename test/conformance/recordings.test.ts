import { describe, expect, it } from 'vitest'
import { impatient, type RecordedStep, secondsMax } from './recordings.js'

interface Row {
  readonly about: string
  readonly step: object
  readonly to: object
}

const steps: Row[] = [
  {
    about: 'a usual wait',
    step: { retryUntil: { path: 'a' } },
    to: { retryUntil: { path: 'a', seconds: 2 } },
  },
  {
    about: 'a short wait',
    step: { retryUntil: { seconds: 1 } },
    to: { retryUntil: { seconds: 1 } },
  },
  {
    about: 'events',
    step: { collect: 'w', events: 1, seconds: 5 },
    to: { collect: 'w', events: 1, seconds: 2 },
  },
  {
    about: 'a command and its output',
    step: { run: 'kubectl get', until: { stdout: 'x' } },
    to: { run: 'kubectl get', limit: 8, until: { stdout: 'x', seconds: 2 } },
  },
  { about: 'a sleep, which the case needs', step: { sleep: 5 }, to: { sleep: 5 } },
  { about: 'a request', step: { path: '/api' }, to: { path: '/api' } },
]

describe('impatient', () => {
  const impatience = { waitSeconds: 2, commandSeconds: 8 }

  it.each(steps)('$about', ({ step, to }) => {
    expect(impatient({ name: 'a', steps: [step as RecordedStep] }, impatience)).toEqual({
      name: 'a',
      steps: [to],
    })
  })

  it('bounds the whole case', () => {
    const recorded = { name: 'a', steps: [{ sleep: 1 }, { run: 'kubectl get', until: {} }] }
    expect(secondsMax(impatient(recorded, impatience))).toBe(30 + 1 + 8 + 2)
  })
})
