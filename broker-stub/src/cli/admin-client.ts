/** The admin API could not be reached, or refused. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
}

/** One call of a broker's admin API. @throws {AdminError} */
export async function callAdmin(base: string, method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
  const url = `${base.includes('://') ? base : `http://${base}`}`.replace(/\/$/, '') + path
  let response: Response
  try {
    response = await fetch(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(10_000),
    })
  } catch (error) {
    const cause = error instanceof Error ? ((error.cause as { code?: string } | undefined)?.code ?? error.message) : String(error)
    throw new AdminError(
      `no broker answers at ${url} (${cause}). Start one with "feathermq serve", or name its HTTP address with --admin or FEATHERMQ_ADMIN.`,
    )
  }
  const text = await response.text()
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    throw new AdminError(
      `${url} is no FeatherMQ broker: it answered ${response.status} and no JSON. Use the HTTP port (default 8082), not the gRPC port.`,
    )
  }
  if (!response.ok) throw new AdminError((answer as { error?: string }).error ?? `${url} answered ${response.status}`)
  return answer
}
