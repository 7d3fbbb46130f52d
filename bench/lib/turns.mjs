import { closeSync, openSync, readSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'

/** This thread's time on a core, in ms: unlike the wall's it is the same on a busy machine. Linux. */
class ThreadClock {
  #file = openSync(`/proc/self/task/${process.pid}/schedstat`)
  #text = Buffer.alloc(64)

  now() {
    const length = readSync(this.#file, this.#text, 0, this.#text.length, 0)
    return Number(this.#text.toString('latin1', 0, length).split(' ')[0]) / 1e6
  }

  close() {
    closeSync(this.#file)
  }
}

/**
 * The longest turns of the event loop while `work` runs, in ms of this thread's CPU: of the program,
 * and those in which the garbage collector ran, whose time is the heap's.
 */
export async function longestTurns(work) {
  const clock = new ThreadClock()
  const turns = []
  const collections = []
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  let last = { wall: performance.now(), cpu: clock.now() }
  let isDone = false
  const look = () => {
    const now = { wall: performance.now(), cpu: clock.now() }
    turns.push({ from: last.wall, to: now.wall, ms: now.cpu - last.cpu })
    last = now
    if (!isDone) setImmediate(look)
  }
  setImmediate(look)
  const begin = performance.now()
  await work()
  const tookMs = performance.now() - begin
  isDone = true
  await new Promise((resolve) => setTimeout(resolve, 10)) // the observer is told late
  observer.disconnect()
  clock.close()
  const collected = ({ from, to }) =>
    collections.some(({ startTime }) => startTime >= from && startTime < to)
  const longest = (some) => some.reduce((max, { ms }) => Math.max(max, ms), 0)
  return {
    tookMs,
    program: longest(turns.filter((turn) => !collected(turn))),
    collector: longest(turns.filter(collected)),
  }
}
