/**
 * Runs `task` `count` times in growing batches: 1, 2, 4, … at once. The first batch with a failure
 * is the last, so that a hopeless task (a quota, a webhook that is down) is tried a few times and
 * not five hundred.
 *
 * Returns how many succeeded and the first error, if there was one.
 */
export async function slowStart(
  count: number,
  task: (index: number) => Promise<void>,
  firstBatch = 1,
): Promise<{ succeeded: number; error?: unknown }> {
  let succeeded = 0
  for (let start = 0, size = firstBatch; start < count; start += size, size *= 2) {
    size = Math.min(size, count - start)
    const results = await Promise.allSettled(
      Array.from({ length: size }, (_, index) => task(start + index)),
    )
    const failed = results.filter((result) => result.status === 'rejected')
    succeeded += size - failed.length
    if (failed[0]) return { succeeded, error: failed[0].reason }
  }
  return { succeeded }
}
