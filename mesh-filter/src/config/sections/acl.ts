import { plainName, type Section } from '../section.ts'
import { checkRules, type When } from '../when.ts'

export interface AclRule {
  /** Unique among the rules; stands in texts and metrics. */
  readonly name: string
  readonly effect: 'allow' | 'deny'
  readonly when: When
  readonly unless?: When | undefined
  /** Counts and never acts. Default false. */
  readonly shadow?: boolean | undefined
}

export interface Acl {
  /** What becomes of a call that no rule matches. Default `allow`. */
  readonly default?: 'allow' | 'deny' | undefined
  /** Whether rules ask for the certificate (`peer`) or for the client id (`client`), which a client chooses itself. */
  readonly identity?: 'peer' | 'client' | undefined
  readonly rules?: readonly AclRule[] | undefined
}

const peerOutbound = 'peer means nothing where $.direction is outbound: a client beside this Envoy is whoever it says'

export const acl: Section<Acl> = {
  key: 'acl',
  schema: {
    type: 'object',
    additionalProperties: false,
    description: 'Who may do what. Any rule that denies wins, then any that allows, then the default.',
    properties: {
      default: { enum: ['allow', 'deny'], default: 'allow', description: 'What becomes of a call that no rule matches.' },
      identity: {
        enum: ['peer', 'client'],
        description:
          'Whether rules ask for the certificate (peer; never in direction outbound), or for the client id, which a client chooses itself.',
      },
      rules: { type: 'array', items: { $ref: '#/definitions/aclRule' } },
    },
  },
  definitions: {
    aclRule: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'effect', 'when'],
      properties: {
        name: { ...plainName, description: 'Stands in texts and metrics. No two rules share a name.' },
        effect: { enum: ['allow', 'deny'] },
        when: { $ref: '#/definitions/when' },
        unless: { $ref: '#/definitions/when' },
        shadow: { type: 'boolean', default: false, description: 'Counts and never acts.' },
      },
    },
  },
  check({ default: standard = 'allow', identity, rules = [] }, report) {
    const { direction, opaque, onExhausted } = report.surroundings
    const outbound = direction === 'outbound'
    checkRules(rules, ['acl', 'rules'], report, false)
    if (outbound && identity === 'peer') report.add(['acl', 'identity'], peerOutbound)
    for (const [index, { when, unless }] of rules.entries()) {
      const asksFor = (fact: 'peer' | 'client') => when[fact] !== undefined || unless?.[fact] !== undefined
      const steps = ['acl', 'rules', index]
      if (asksFor('peer')) {
        if (outbound) report.add(steps, peerOutbound)
        else if (identity === 'client') report.add(steps, 'asks for peer, but $.acl.identity is client')
      }
      if (asksFor('client') && identity !== 'client') {
        report.add(steps, 'asks for client, which a client chooses itself: that needs $.acl.identity client')
      }
    }
    if (standard === 'allow' && !rules.some(({ effect, shadow = false }) => effect === 'deny' && !shadow)) return
    if (opaque === 'default') report.add(['opaque'], 'must be deny while acl rules enforce: a compressed request would slip past them')
    if (onExhausted === 'default') {
      report.add(['hold', 'onExhausted'], 'must be deny while acl rules enforce: a request with its names far behind would slip past them')
    }
  },
}
