/** Whole numbers beyond ±2^53 are exact too: ids of 64 bits are compared digit by digit. */
export type SqlNumber = number | bigint

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='
export type TextMatch = 'CONTAINS' | 'STARTSWITH' | 'ENDSWITH'

/** A part of an expression. {@link SqlNode.at} is where it begins in the text: of `a = 1` the `a`. */
export type SqlNode = { readonly at: number } & (
  | { readonly kind: 'or' | 'and'; readonly terms: readonly SqlNode[] }
  | { readonly kind: 'not'; readonly operand: SqlNode }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: SqlNode; readonly right: SqlNode }
  | { readonly kind: 'between'; readonly negated: boolean; readonly value: SqlNode; readonly low: SqlNode; readonly high: SqlNode }
  | { readonly kind: 'in'; readonly negated: boolean; readonly value: SqlNode; readonly options: readonly string[] }
  | { readonly kind: 'match'; readonly negated: boolean; readonly how: TextMatch; readonly value: SqlNode; readonly part: string }
  | { readonly kind: 'is-null'; readonly negated: boolean; readonly operand: SqlNode }
  | { readonly kind: 'sign'; readonly sign: '+' | '-'; readonly operand: SqlNode }
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  /** Never negative: that is a sign before it. */
  | { readonly kind: 'number'; readonly value: SqlNumber }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
)
