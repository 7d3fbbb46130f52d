/** How many indexes a text such as `0,2-4,7` names, or what is wrong with it. */
export function parseIndexes(
  text: string,
  completions: number,
): { count: number } | { fault: string } {
  if (text === '') return { count: 0 }
  let count = 0
  let previous: number | undefined
  for (const part of text.split(',')) {
    const ends = part.split('-')
    if (ends.length > 2)
      return {
        fault: `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`,
      }
    let first: number | undefined
    for (const end of ends) {
      if (!/^[0-9]+$/.test(end))
        return { fault: `cannot convert string to integer for index: "${end}"` }
      const index = Number(end)
      if (index >= completions) return { fault: `too large index: "${end}"` }
      if (previous !== undefined && previous >= index) {
        return { fault: `non-increasing order, previous: ${previous}, current: ${index}` }
      }
      previous = index
      first ??= index
    }
    count += (previous ?? 0) - (first ?? 0) + 1
  }
  return { count }
}
