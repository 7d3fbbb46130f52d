/** Runs what it is given, at most `concurrency` at a time, in order. */
export function limiter(concurrency: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // A waiting one takes this place over, so that nobody can come in between.
      if (next) next()
      else running--
    }
  }
}
