import { createHash } from 'node:crypto'
import { Document, isMap, isSeq, type YAMLMap } from 'yaml'
import type { MeshConfig } from '../config/model.ts'
import { defaultEnvoyVersion } from '../envoy/find.ts'
import { parseAddress } from '../manifests/address.ts'
import { type GenerateEnvoyOptions, generateEnvoy, generateFilter } from '../manifests/envoy.ts'
import type { JsonObject } from '../manifests/json.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import { renderEnvoy } from '../manifests/render.ts'
import { mapsIn, type PodTemplate, podTemplates, scalarAt, setScalar } from './pod-template.ts'
import { configMap, files, mountPath, names, probePort, redirectContainer, type SidecarFiles, sidecarContainer, sidecarVolume } from './sidecar.ts'
import { isOwnConfigMap, withdraw } from './uninject.ts'
import { joinDocuments, parseYaml, splitDocuments, writeYaml, type YamlPart } from './yaml-text.ts'

export interface InjectOptions extends Omit<GenerateEnvoyOptions, 'wasm' | 'filterFile' | 'probe'> {
  /** The filter itself, which goes into the ConfigMap. */
  readonly wasm: Uint8Array
  /** Image of the sidecar. Default: Envoy's own, of the version that this package is tested with. */
  readonly image?: string | undefined
  /** Redirects packets that the application sends to this port to the sidecar. Needs NET_ADMIN for an init container with iptables. */
  readonly redirect?: { readonly port: number; readonly image: string } | undefined
}

/** What was done, for whoever ran the command. */
export interface Injection {
  readonly text: string
  /** `Deployment/payments`, one for each. */
  readonly workloads: readonly string[]
}

/**
 * Adds a sidecar with the filter to every workload of a YAML file: container, probes, configuration, and the address that the SDK
 * connects to. Comments and everything else stay as they are. Doing it again replaces what was done before.
 * @throws ManifestError when the file is no YAML, or holds no workload.
 */
export function inject(file: string, config: MeshConfig, options: InjectOptions): Injection {
  const listen = options.listen ?? '127.0.0.1:10000'
  const { port: listenPort } = parseAddress(listen, 'listen')
  const content = sidecarFiles(config, { ...options, listen })
  const image = options.image ?? `envoyproxy/envoy:v${defaultEnvoyVersion}`
  const workloads: string[] = []
  const parts: YamlPart[] = []
  for (const part of splitDocuments(file)) {
    const document = parseYaml(part.text)
    if (isOwnConfigMap(document)) continue
    const templates = podTemplates(document)
    parts.push(part)
    if (templates.length === 0) continue
    const maps: YamlPart[] = []
    for (const template of templates) {
      withdraw(template)
      const map = `${template.name}-feathermq-mesh`
      add(document, template, { container: sidecarContainer(image), volume: sidecarVolume(map), bootstrap: content.bootstrap, listenPort, options })
      maps.push({ separator: '---\n', text: new Document(configMap(map, template.namespace, template.name, content)).toString({ lineWidth: 0 }) })
      workloads.push(template.title)
    }
    const text = writeYaml(document, part.text)
    parts.splice(-1, 1, { separator: part.separator, text: text.endsWith('\n') ? text : `${text}\n` }, ...maps)
  }
  if (workloads.length === 0) throw new ManifestError('there is no workload here: nothing with a pod template (spec.template.spec.containers)')
  return { text: joinDocuments(parts), workloads }
}

function sidecarFiles(config: MeshConfig, options: InjectOptions): SidecarFiles {
  const bootstrap = generateEnvoy(config, { ...options, wasm: undefined, filterFile: `${mountPath}/${files.filter}`, probe: `0.0.0.0:${probePort}` })
  return {
    bootstrap: renderEnvoy(bootstrap, 'yaml', `Written by feathermq-mesh inject from configuration "${config.name}".`),
    filter: `${JSON.stringify(generateFilter(config, { wasm: { file: `${mountPath}/${files.wasm}` } }), null, 2)}\n`,
    wasm: options.wasm,
  }
}

interface Addition {
  readonly container: JsonObject
  readonly volume: JsonObject
  readonly bootstrap: string
  readonly listenPort: number
  readonly options: InjectOptions
}

function add(document: Document, { pod, spec }: PodTemplate, { container, volume, bootstrap, listenPort, options }: Addition): void {
  // Other containers that prepare the pod may already want to send: the sidecar stands in front of them.
  const first = options.redirect === undefined ? [] : [redirectContainer(options.redirect.image, options.redirect.port, listenPort)]
  insert(document, spec, 'initContainers', [...first, container], 'front')
  insert(document, spec, 'volumes', [volume], 'back')
  annotate(document, pod, names.annotation, createHash('sha256').update(bootstrap).digest('hex').slice(0, 16))
  for (const application of mapsIn(spec, 'containers')) {
    const address = `127.0.0.1:${listenPort}`
    const own = mapsIn(application, 'env').find((variable) => scalarAt(variable, 'name') === names.variable)
    if (own !== undefined) {
      // Kept, so that it can be given back.
      annotate(document, pod, `${names.endpoints}${String(scalarAt(application, 'name'))}`, JSON.stringify(own.toJSON()))
      own.delete('valueFrom')
      setScalar(own, 'value', address)
    } else insert(document, application, 'env', [{ name: names.variable, value: address }], 'back')
  }
}

function insert(document: Document, parent: YAMLMap, key: string, items: readonly JsonObject[], end: 'front' | 'back'): void {
  const list = parent.get(key)
  const nodes = items.map((item) => document.createNode(item, { aliasDuplicateObjects: false }))
  if (!isSeq(list)) parent.set(key, document.createNode(nodes))
  else if (end === 'front') list.items.unshift(...nodes)
  else list.items.push(...nodes)
}

function annotate(document: Document, pod: YAMLMap, key: string, value: string): void {
  if (!isMap(pod.get('metadata'))) pod.items.unshift(document.createPair('metadata', {}))
  const metadata = pod.get('metadata')
  if (!isMap(metadata)) return
  if (!isMap(metadata.get('annotations'))) metadata.set('annotations', document.createNode({}))
  metadata.setIn(['annotations', key], value)
}
