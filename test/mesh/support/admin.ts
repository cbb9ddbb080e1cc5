/** Value of a counter of Envoy's own, 0 when it does not exist yet. */
export async function adminCounter(adminUrl: string, name: string): Promise<number> {
  const answer = await fetch(`${adminUrl}/stats?filter=${encodeURIComponent(`^${name.replaceAll('.', '\\.')}$`)}`)
  return Number(/: (\d+)/.exec(await answer.text())?.[1] ?? 0)
}
