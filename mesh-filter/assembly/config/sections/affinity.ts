// Where calls go that name a broker, and which clients stay together.
import { JSON_STRING } from '../json'
import { checkKeys, choice, flag, isKind, object } from '../checks'
import { Draft } from '../draft'
import { keyPath } from '../problems'
import { PatternList, Rule, SECTION_AFFINITY, newRule } from '../settings'
import { patternList } from '../when'

@unmanaged
export class BrokerHome {
  brokers: PatternList
  clusterAt: usize
  clusterLength: usize
}

@unmanaged
export class Affinity {
  byClient: u32
  denyMixed: u32
  count: u32
  homes: usize
  /** Stands for the section where a rule is told. */
  rule: Rule
}

const KEYS: StaticArray<string> = ['broker', 'client', 'onMixedBatch']
const MIXED: StaticArray<string> = ['first', 'deny']

export function readAffinity(draft: Draft): void {
  const json = object(draft.root, 'affinity', '$', draft.problems)
  if (json === null) return
  checkKeys(json, '$.affinity', KEYS, draft.problems)
  const affinity = changetype<Affinity>(draft.alloc(offsetof<Affinity>()))
  affinity.byClient = flag(json, 'client', '$.affinity', 0, draft.problems)
  affinity.denyMixed = choice(json, 'onMixedBatch', '$.affinity', MIXED, 0, draft.problems)
  const rule = newRule(draft.settings, SECTION_AFFINITY, offsetof<Rule>())
  draft.keep('broker', changetype<usize>(rule) + offsetof<Rule>('nameAt'))
  affinity.rule = rule
  draft.settings.affinity = changetype<usize>(affinity)
  const homes = object(json, 'broker', '$.affinity', draft.problems)
  if (homes === null) return
  affinity.count = homes.keys.length
  affinity.homes = draft.alloc(<usize>affinity.count * offsetof<BrokerHome>())
  for (let i: i32 = 0; i < homes.keys.length; i++) {
    const home = changetype<BrokerHome>(affinity.homes + <usize>i * offsetof<BrokerHome>())
    const path = keyPath('$.affinity.broker', homes.keys[i])
    home.brokers = patternList(draft, [homes.keys[i]])
    const value = homes.items[i]
    if (!isKind(value, JSON_STRING, path, draft.problems)) continue
    if (value.text.length == 0) {
      draft.add(path, 'must not be empty')
      continue
    }
    draft.checkCluster(value.text, path)
    draft.keep(value.text, changetype<usize>(home) + offsetof<BrokerHome>('clusterAt'))
  }
}
