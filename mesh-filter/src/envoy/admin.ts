import { request } from 'node:http'

export interface AdminAnswer {
  readonly status: number
  readonly body: string
}

/** One GET on Envoy's admin interface, on a connection of its own. `timeout`: ms. */
export function askAdmin(adminUrl: string, path: string, timeout: number): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, adminUrl), { agent: false, timeout }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.once('timeout', () => call.destroy(new Error(`Envoy's admin interface at ${adminUrl} did not answer GET ${path} within ${timeout} ms`)))
    call.once('error', reject)
    call.end()
  })
}
