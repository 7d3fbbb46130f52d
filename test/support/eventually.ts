/**
 * Looks again and again until `look` stops throwing, and returns what it returned; after the time
 * is up, throws what it threw last. For what other processes do; within one, wait for the ledger.
 */
export async function eventually<T>(look: () => T | Promise<T>, timeoutMs = 15_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
