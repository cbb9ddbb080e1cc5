import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

// Below the range from which Linux gives ports to outgoing connections: what is free now is not taken by one of those a second later.
const LOWEST = 20_000
const HIGHEST = 32_000

/**
 * Free ports, each with the port two below it free as well: a stock broker opens that one for its "fast" clients, unasked. A server that cannot take port 0,
 * because it writes its port into routes, needs them in advance.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Map<number, readonly Server[]>()
  try {
    while (found.size < count) {
      const port = LOWEST + 4 * Math.floor((Math.random() * (HIGHEST - LOWEST)) / 4)
      if (found.has(port)) continue
      const servers = [await listening(port), await listening(port - 2)].filter((server) => server !== undefined)
      if (servers.length === 2) found.set(port, servers)
      else for (const server of servers) server.close()
    }
    return [...found.keys()]
  } finally {
    for (const servers of found.values()) for (const server of servers) server.close()
  }
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer()
  try {
    server.listen(port)
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}
