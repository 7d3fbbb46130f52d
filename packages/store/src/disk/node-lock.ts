import fs from 'node:fs'
import net from 'node:net'
import { basename, dirname, join } from 'node:path'
import { DiskError, type DiskLock } from './disk.js'

/** The longest path that a socket's address holds. */
const SOCKET_PATH_BYTES_MAX = 107

const SOCKET = 'held'

/**
 * A lock that ends with its process, even with `kill -9`: the holder listens on a socket in a
 * folder `<path>.<unique>`, and whoever wants the lock tries to connect. The kernel knows whether
 * somebody listens, across containers that share the folder too, where process numbers would lie.
 *
 * Everyone first announces itself (listens), and then looks for others: of two that come at once
 * at least one sees the other, and who sees another one steps back. So there are never two holders;
 * it may happen that both are refused. What the dead left behind is removed: their names never come
 * back, and a name that is taken for dead in the moment before it listens belongs to someone who
 * will see us and step back.
 */
export async function lockByListening(path: string, name: string): Promise<DiskLock> {
  const own = await fs.promises.mkdtemp(`${path}.`)
  const announcement = await announce(own, name)
  try {
    for (const other of await othersAt(path, own)) {
      if (await isHeld(other)) {
        throw heldByAnother(path, name)
      }
      await clear(other)
    }
  } catch (error) {
    await announcement.release()
    throw error
  }
  return announcement
}

async function announce(folder: string, name: string): Promise<DiskLock> {
  const address = await socketAddress(folder)
  const server = net.createServer((socket) => socket.destroy())
  const release = async () => {
    if (server.listening) await new Promise<void>((done) => server.close(() => done()))
    await address.close()
    await clear(folder)
  }
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail)
      server.listen(address.path, done)
    })
  } catch (error) {
    await release()
    throw isGone(error) ? heldByAnother(folder, name) : error
  }
  server.unref()
  return { release }
}

async function othersAt(path: string, own: string): Promise<string[]> {
  const folder = dirname(path)
  const names = await fs.promises.readdir(folder)
  return names
    .filter((name) => name.startsWith(`${basename(path)}.`))
    .map((name) => join(folder, name))
    .filter((other) => other !== own)
}

async function isHeld(folder: string): Promise<boolean> {
  const address = await socketAddress(folder).catch(unlessGone)
  if (address === undefined) return false
  try {
    return await new Promise<boolean>((done, fail) => {
      const socket = net.connect(address.path)
      socket.once('connect', () => {
        socket.destroy()
        done(true)
      })
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') done(false)
        else if (error.code === 'EAGAIN') done(true)
        else fail(error)
      })
    })
  } finally {
    await address.close()
  }
}

/** Removes what a holder had; someone else may be doing the same, or have just begun to listen. */
async function clear(folder: string): Promise<void> {
  await fs.promises.unlink(join(folder, SOCKET)).catch(unlessGone)
  await fs.promises.rmdir(folder).catch((error) => {
    if (error.code !== 'ENOTEMPTY') unlessGone(error)
  })
}

function unlessGone(error: unknown): undefined {
  if (!isGone(error)) throw error
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function heldByAnother(path: string, name: string): DiskError {
  const message = `cannot lock ${path}: another process has it; stop that one first`
  return new DiskError('locked', name, message)
}

/** The socket's path; through the folder's descriptor when it is too long for an address. */
async function socketAddress(
  folder: string,
): Promise<{ readonly path: string; readonly close: () => Promise<void> }> {
  const path = join(folder, SOCKET)
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return { path, close: async () => {} }
  const handle = await fs.promises.open(folder, fs.constants.O_RDONLY)
  return { path: `/proc/self/fd/${handle.fd}/${SOCKET}`, close: () => handle.close() }
}
