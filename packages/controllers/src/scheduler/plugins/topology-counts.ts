/** Counts per value of a topology label: `kubernetes.io/hostname` → `node-1` → 3. */
export class TopologyCounts {
  readonly #counts = new Map<string, Map<string, number>>()

  add(topologyKey: string, value: string, count: number): void {
    let values = this.#counts.get(topologyKey)
    if (!values) {
      values = new Map()
      this.#counts.set(topologyKey, values)
    }
    values.set(value, (values.get(value) ?? 0) + count)
  }

  of(topologyKey: string, value: string): number {
    return this.#counts.get(topologyKey)?.get(value) ?? 0
  }

  keys(): IterableIterator<string> {
    return this.#counts.keys()
  }

  values(topologyKey: string): IterableIterator<number> | readonly number[] {
    return this.#counts.get(topologyKey)?.values() ?? []
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  domains(topologyKey: string): number {
    return this.#counts.get(topologyKey)?.size ?? 0
  }
}
