import { BrokenPipe, type ByteConnection, type ByteSink } from '@miniplane/api'

/** Passes bytes both ways until both are through, one side is gone, or `signal` is aborted. */
export async function forward(
  port: ByteConnection,
  client: { readonly received: AsyncIterable<Uint8Array>; readonly sent: ByteSink },
  signal: AbortSignal,
): Promise<void> {
  const close = () => port.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    await Promise.all([copy(client.received, port.sent), copy(port.received, client.sent)])
  } finally {
    signal.removeEventListener('abort', close)
    port.close()
  }
}

async function copy(source: AsyncIterable<Uint8Array>, sink: ByteSink): Promise<void> {
  try {
    for await (const bytes of source) await sink.write(bytes)
  } catch (error) {
    // Nobody wants to hear the rest.
    if (!(error instanceof BrokenPipe)) throw error
  } finally {
    sink.end()
  }
}
