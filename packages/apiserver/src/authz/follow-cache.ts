import type { KubeObject } from '@miniplane/api'
import type { WatchCache } from '../watch-cache/watch-cache.js'

/** Something that is kept up to date with all objects of a resource. */
export interface CacheReader {
  put(object: KubeObject): void
  remove(object: KubeObject): void
  /** Everything is told anew from here on. */
  reset(): void
}

/**
 * Tells `reader` what the cache holds and every change from then on, in order and before the write
 * that made it is answered. Returns the function that stops.
 */
export function followCache(cache: WatchCache, reader: CacheReader): () => void {
  let isStopped = false
  let end = () => {}
  const begin = () => {
    if (isStopped) return
    reader.reset()
    end = cache.watch(
      { scope: {}, wantsBookmarks: false, marksInitialEnd: false },
      {
        onEvents(events) {
          for (const { type, object } of events) {
            if (type === 'DELETED') reader.remove(object as KubeObject)
            else if (type === 'ADDED' || type === 'MODIFIED') reader.put(object as KubeObject)
          }
        },
        onEnd: begin,
      },
    )
  }
  begin()
  return () => {
    isStopped = true
    end()
  }
}
