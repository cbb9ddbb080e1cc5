import { type Document, isMap, isScalar, isSeq, type YAMLMap } from 'yaml'

/** Where a workload keeps its pods: the map that has `spec.containers`. */
export interface PodTemplate {
  /** `Deployment/payments`, for messages. */
  readonly title: string
  readonly name: string
  /** Undefined: the namespace that the file is applied to. */
  readonly namespace: string | undefined
  /** The map with `metadata` and `spec` of the pod. */
  readonly pod: YAMLMap
  readonly spec: YAMLMap
}

/** A workload is what has a pod template, whatever its kind: also one of a custom resource. */
const places: readonly (readonly string[])[] = [[], ['spec', 'template'], ['spec', 'jobTemplate', 'spec', 'template']]

function textAt(map: YAMLMap, path: readonly string[]): string | undefined {
  const value = map.getIn(path)
  return typeof value === 'string' ? value : undefined
}

function templateIn(root: YAMLMap): PodTemplate | undefined {
  for (const place of places) {
    const pod = place.length === 0 ? root : root.getIn(place)
    if (!isMap(pod)) continue
    const spec = pod.get('spec')
    if (!isMap(spec) || !isSeq(spec.get('containers'))) continue
    const kind = textAt(root, ['kind']) ?? 'workload'
    const name = textAt(root, ['metadata', 'name']) ?? textAt(root, ['metadata', 'generateName'])?.replace(/-+$/, '') ?? kind.toLowerCase()
    return { title: `${kind}/${name}`, name, namespace: textAt(root, ['metadata', 'namespace']), pod, spec }
  }
  return undefined
}

/** The workloads of a document: it may be one itself, or a List of some. */
export function podTemplates(document: Document): PodTemplate[] {
  const root = document.contents
  if (!isMap(root)) return []
  const items = root.get('kind') === 'List' ? root.get('items') : undefined
  const candidates = isSeq(items) ? items.items : [root]
  return candidates.flatMap((item) => (isMap(item) ? (templateIn(item) ?? []) : []))
}

/** The maps of a list: containers, volumes, variables. */
export function mapsIn(parent: YAMLMap, key: string): YAMLMap[] {
  const list = parent.get(key)
  return isSeq(list) ? list.items.filter((item): item is YAMLMap => isMap(item)) : []
}

/** Takes items out of a list; an empty list goes too, with its key. */
export function removeItems(parent: YAMLMap, key: string, isOurs: (item: YAMLMap) => boolean): void {
  const list = parent.get(key)
  if (!isSeq(list)) return
  const rest = list.items.filter((item) => !(isMap(item) && isOurs(item)))
  if (rest.length === list.items.length) return
  list.items = rest
  if (rest.length === 0) parent.delete(key)
}

export function scalarAt(map: YAMLMap, key: string): unknown {
  const value = map.get(key, true)
  return isScalar(value) ? value.value : undefined
}

/** Changes a value in its place, so that comments and quotes around it stay. */
export function setScalar(map: YAMLMap, key: string, value: unknown): void {
  const node = map.get(key, true)
  if (isScalar(node)) node.value = value
  else map.set(key, value)
}
