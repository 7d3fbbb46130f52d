#!/usr/bin/env node
// A small controller, whole: it copies every ConfigMap annotated `example/copy-to: team-a,team-b`
// into those namespaces, keeps the copies true, and removes those that nobody asks for any more.
//
//   export KUBECONFIG=…            # as `npm start` prints it
//   node examples/copy-configmaps.mjs
//
// It has the shape that every controller has: event handlers only put keys into a queue, and
// `reconcile(key)` brings the world closer to what is asked, whatever happened before.
import process from 'node:process'
import { isStatusError, systemClock } from '@miniplane/api'
import {
  Client,
  connectionFrom,
  httpsTransport,
  InformerFactory,
  loadKubeconfig,
  resources,
  Workqueue,
} from '@miniplane/client'

const COPY_TO = 'example/copy-to'
const COPY_OF = 'example/copy-of'

/** Runs the controller on any transport until `stop()` is called. */
export function startCopier(transport, clock = systemClock) {
  const client = new Client(transport)
  const queue = new Workqueue({ clock })
  const informers = new InformerFactory(client, { clock })
  const configMaps = informers.informer(resources.configMaps)
  configMaps.cache.addIndex('copy-of', (object) => {
    const source = object.metadata.annotations?.[COPY_OF]
    return source === undefined ? [] : [source]
  })

  // A change of a copy is a reason to look at its source: somebody may have edited the copy.
  const enqueue = ({ metadata }) =>
    queue.add(metadata.annotations?.[COPY_OF] ?? `${metadata.namespace}/${metadata.name}`)
  configMaps.addHandler({
    onAdd: enqueue,
    onUpdate: (_, object) => enqueue(object),
    onDelete: enqueue,
  })

  const reconcile = async (key) => {
    const source = configMaps.cache.get(key)
    const wanted = (source?.metadata.annotations?.[COPY_TO] ?? '').split(',').filter(Boolean)
    const copies = configMaps.cache.byIndex('copy-of', key)
    for (const namespace of wanted) {
      const copy = copies.find(({ metadata }) => metadata.namespace === namespace)
      await writeCopy(client, key, source, namespace, copy)
    }
    for (const { metadata } of copies) {
      if (wanted.includes(metadata.namespace)) continue
      await client.of(resources.configMaps).delete(metadata.name, { namespace: metadata.namespace })
    }
  }

  const work = async () => {
    await configMaps.synced()
    for (let item = await queue.get(); item !== undefined; item = await queue.get()) {
      try {
        await reconcile(item.key)
        queue.forget(item.key)
      } catch (error) {
        // Gone or changed meanwhile: the informer will tell, and the queue tries again anyway.
        if (!isStatusError(error)) console.error(error)
        queue.addRateLimited(item.key)
      } finally {
        queue.done(item.key)
      }
    }
  }

  informers.start()
  const working = work()
  return {
    async stop() {
      informers.stop()
      queue.shutDown()
      await working
    },
  }
}

async function writeCopy(client, key, source, namespace, copy) {
  const data = source.data ?? {}
  if (copy === undefined) {
    await client.of(resources.configMaps).create({
      metadata: { name: source.metadata.name, namespace, annotations: { [COPY_OF]: key } },
      data,
    })
  } else if (JSON.stringify(copy.data ?? {}) !== JSON.stringify(data)) {
    // With the copy's resourceVersion: a change that we have not seen is a conflict, not a loss.
    await client.of(resources.configMaps).update({ ...copy, data })
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const connection = connectionFrom(loadKubeconfig(undefined, process.env))
  const transport = httpsTransport({ ...connection, userAgent: 'copy-configmaps' })
  const copier = startCopier(transport)
  console.log(`copying ConfigMaps of ${connection.server}; stop with Ctrl-C`)
  // Timers and sockets of a client do not keep a process alive; a pending read does.
  process.stdin.resume()
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, async () => {
      await copier.stop()
      transport.close()
      process.exit(0)
    })
  }
}
