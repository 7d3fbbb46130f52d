import type { KeyRange } from './key-range.js'
import type {
  KeyValue,
  StoreClient,
  WatchBatch,
  WatchEnd,
  WatchOptions,
  WatchSubscription,
} from './store-client.js'

/** An implementation under test, with an empty store behind it. */
export interface StoreFixture extends AsyncDisposable {
  readonly client: StoreClient
  /** Lets that much time pass for the store: really, or on its clock. */
  advance(ms: number): Promise<void>
  /** Closes the store under its clients. */
  close(): Promise<void>
}

export type OpenFixture = () => Promise<StoreFixture>

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

export const text = (value: Uint8Array): string => Buffer.from(value).toString('latin1')

/** `key=value` of each, for comparing at a glance. */
export const pairs = (kvs: readonly KeyValue[]): string[] =>
  kvs.map(({ key, value }) => `${key}=${text(value)}`)

export const keys = (kvs: readonly KeyValue[]): string[] => kvs.map(({ key }) => key)

/** Puts and answers the revision. */
export async function put(client: StoreClient, key: string, value = ''): Promise<number> {
  const { header } = await client.put(key, bytes(value))
  return header.revision
}

export async function revisionOf(client: StoreClient): Promise<number> {
  return (await client.status()).header.revision
}

/** What a subscription was given. */
export class Recorder {
  readonly batches: WatchBatch[] = []
  readonly ends: WatchEnd[] = []
  subscription: WatchSubscription | undefined
  #wake: (() => void)[] = []

  onBatch(batch: WatchBatch): void {
    this.batches.push(batch)
    this.#changed()
  }

  onEnd(end: WatchEnd): void {
    this.ends.push(end)
    this.#changed()
  }

  #changed(): void {
    for (const resolve of this.#wake.splice(0)) resolve()
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  /** The batches, once there are `count`. Bounded by the test's timeout. */
  async first(count: number): Promise<readonly WatchBatch[]> {
    await this.#until(() => this.batches.length >= count)
    return this.batches.slice(0, count)
  }

  async ended(): Promise<WatchEnd | undefined> {
    await this.#until(() => this.ends.length > 0)
    return this.ends[0]
  }

  /** All events so far: `revision type key=value`. */
  get lines(): string[] {
    return this.batches.flatMap(linesOf)
  }
}

export const linesOf = ({ revision, events }: WatchBatch): string[] =>
  events.map(({ type, kv }) =>
    type === 'put' ? `${revision} put ${kv.key}=${text(kv.value)}` : `${revision} delete ${kv.key}`,
  )

/** Subscribes and records. */
export function record(client: StoreClient, range: KeyRange, options?: WatchOptions): Recorder {
  const recorder = new Recorder()
  recorder.subscription = client.subscribe(range, recorder, options)
  return recorder
}
