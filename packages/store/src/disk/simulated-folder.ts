import type { Random } from '../random.js'
import type { SimulatedInode } from './simulated-inode.js'

/** Names that a single operation gave or took. */
type Change = readonly (readonly [name: string, inode: SimulatedInode | undefined])[]

/** Which names a folder has, and which of its changes are not durable yet. */
export class SimulatedFolder {
  readonly names = new Map<string, SimulatedInode>()
  #durable = new Map<string, SimulatedInode>()
  #changes: Change[] = []

  change(change: Change): void {
    apply(this.names, change)
    this.#changes.push(change)
  }

  beginSync(): () => void {
    const synced = [...this.#changes]
    return () => {
      for (const change of synced) {
        if (this.#changes[0] !== change) continue
        this.#changes.shift()
        apply(this.#durable, change)
      }
    }
  }

  /** Of the changes that were not synced, the first few survive. */
  afterPowerLoss(
    random: Random,
    survivorOf: (inode: SimulatedInode) => SimulatedInode,
  ): SimulatedFolder {
    const names = new Map(this.#durable)
    const survivors = random.below(this.#changes.length + 1)
    for (const change of this.#changes.slice(0, survivors)) apply(names, change)
    const folder = new SimulatedFolder()
    for (const [name, inode] of names) folder.names.set(name, survivorOf(inode))
    folder.#durable = new Map(folder.names)
    return folder
  }
}

function apply(names: Map<string, SimulatedInode>, change: Change): void {
  for (const [name, inode] of change) {
    if (inode === undefined) names.delete(name)
    else names.set(name, inode)
  }
}
