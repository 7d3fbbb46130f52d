/** Minimum, median and maximum, as one line for people. */
export function summary(values, unit = 'ms') {
  const sorted = [...values].sort((a, b) => a - b)
  const format = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1))
  const median = sorted[Math.floor((sorted.length - 1) / 2)]
  return `median ${format(median)} ${unit} (min ${format(sorted[0])}, max ${format(sorted.at(-1))}, ${sorted.length} runs)`
}

/** Prints one figure, beside its bar if it has one. */
export function report(name, values, bar, unit) {
  const beside = bar === undefined ? '' : `   bar: ${bar}`
  console.log(`${name.padEnd(52)} ${summary(values, unit)}${beside}`)
}
