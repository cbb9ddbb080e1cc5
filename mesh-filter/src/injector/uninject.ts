import { type Document, isMap, type YAMLMap } from 'yaml'
import type { Injection } from './inject.ts'
import { mapsIn, type PodTemplate, podTemplates, removeItems, scalarAt, setScalar } from './pod-template.ts'
import { names } from './sidecar.ts'
import { joinDocuments, parseYaml, splitDocuments, writeYaml } from './yaml-text.ts'

/** Takes out of a YAML file what {@link inject} put there. A file that holds nothing of it comes back as it is. */
export function uninject(file: string): Injection {
  const workloads: string[] = []
  const parts = splitDocuments(file).flatMap((part) => {
    const document = parseYaml(part.text)
    if (isOwnConfigMap(document)) return []
    const changed = podTemplates(document).filter((template) => withdraw(template))
    workloads.push(...changed.map(({ title }) => title))
    return [changed.length === 0 ? part : { ...part, text: writeYaml(document, part.text) }]
  })
  return { text: joinDocuments(parts), workloads }
}

export function isOwnConfigMap(document: Document): boolean {
  const root = document.contents
  return isMap(root) && root.get('kind') === 'ConfigMap' && root.hasIn(['metadata', 'labels', names.label])
}

/** Removes the sidecar from one workload. False when it has none. */
export function withdraw({ pod, spec }: PodTemplate): boolean {
  const annotations = pod.getIn(['metadata', 'annotations'])
  if (!isMap(annotations) || !annotations.has(names.annotation)) return false
  const isOurs = (item: YAMLMap) => [names.container, names.redirect].some((name) => name === scalarAt(item, 'name'))
  removeItems(spec, 'initContainers', isOurs)
  removeItems(spec, 'volumes', (volume) => scalarAt(volume, 'name') === names.volume)
  for (const application of mapsIn(spec, 'containers')) {
    const key = `${names.endpoints}${String(scalarAt(application, 'name'))}`
    const before = annotations.get(key)
    annotations.delete(key)
    if (typeof before === 'string') restore(application, JSON.parse(before))
    else removeItems(application, 'env', (variable) => scalarAt(variable, 'name') === names.variable)
  }
  annotations.delete(names.annotation)
  const metadata = pod.get('metadata')
  if (isMap(metadata) && annotations.items.length === 0) {
    metadata.delete('annotations')
    if (metadata.items.length === 0) pod.delete('metadata')
  }
  return true
}

function restore(application: YAMLMap, before: { readonly value?: unknown; readonly valueFrom?: unknown }): void {
  for (const variable of mapsIn(application, 'env')) {
    if (scalarAt(variable, 'name') !== names.variable) continue
    if (!Object.hasOwn(before, 'value')) variable.delete('value')
    for (const [key, value] of Object.entries(before)) if (key !== 'name') setScalar(variable, key, value)
  }
}
