import { createServer, type RequestListener, type Server } from 'node:http'

/** Serves connections that somebody else accepts. */
export function httpServer(handler: RequestListener, side: 'clients' | 'peers'): Server {
  const server = createServer({ keepAliveTimeout: 120_000, noDelay: true }, handler)
  // A snapshot takes as long as it takes.
  if (side === 'peers') server.requestTimeout = 0
  return server
}
