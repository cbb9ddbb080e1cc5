/** One answer of the admin API. */
export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
  /** With status 405: the methods that the path takes. */
  readonly allow?: string | undefined
}

export const answer = (status: number, body: unknown): ApiAnswer => ({ status, body })
export const problem = (status: number, error: string): ApiAnswer => answer(status, { error })
