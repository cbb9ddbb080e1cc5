/** Which messages of a topic a consumer wants, as servers are told. */
export interface Filter {
  readonly type: 'TAG' | 'SQL'
  readonly expression: string
}

export const everything: Filter = { type: 'TAG', expression: '*' }
