import type { JsonObject } from '../manifests/json.ts'

/** Names of everything that the injector adds: what bears one of them is its own, and nothing else is ever removed. */
export const names = {
  container: 'feathermq-mesh',
  redirect: 'feathermq-mesh-redirect',
  volume: 'feathermq-mesh',
  annotation: 'mesh.feathermq/bootstrap',
  endpoints: 'mesh.feathermq/endpoints.',
  label: 'mesh.feathermq/of',
  variable: 'FEATHERMQ_ENDPOINTS',
} as const

/** Where the sidecar finds its files. */
export const mountPath = '/etc/feathermq-mesh'
export const files = { bootstrap: 'envoy.yaml', filter: 'filter.json', wasm: 'feathermq-mesh.wasm' } as const

/** Nobody else runs as this user: by it redirected packets of the application are told from those of Envoy. */
const user = 14_801

export const probePort = 14_021

/**
 * The container of Envoy: a native sidecar (Kubernetes 1.29 or newer), which is ready before the application starts and ends after it,
 * also in Jobs. It needs no rights at all.
 */
export function sidecarContainer(image: string): JsonObject {
  const ready = { httpGet: { path: '/ready', port: probePort } }
  return {
    name: names.container,
    image,
    restartPolicy: 'Always',
    args: ['-c', `${mountPath}/${files.bootstrap}`, '--concurrency', '2', '--disable-hot-restart', '--drain-time-s', '10', '--log-level', 'warning'],
    ports: [{ name: 'fmq-probe', containerPort: probePort }],
    startupProbe: { ...ready, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...ready, periodSeconds: 5 },
    livenessProbe: { ...ready, periodSeconds: 10, failureThreshold: 6 },
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      runAsUser: user,
      runAsGroup: user,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [{ name: names.volume, mountPath, readOnly: true }],
  }
}

/** For clients that cannot be told where to connect: packets to `port` come to the sidecar instead. Needs the right to change that. */
export function redirectContainer(image: string, port: number, listenPort: number): JsonObject {
  const rule = `iptables -t nat -A OUTPUT -p tcp --dport ${port} -m owner ! --uid-owner ${user} -j REDIRECT --to-ports ${listenPort}`
  return {
    name: names.redirect,
    image,
    command: ['sh', '-c', rule],
    securityContext: {
      runAsUser: 0,
      runAsNonRoot: false,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
    },
  }
}

export function sidecarVolume(configMap: string): JsonObject {
  return { name: names.volume, configMap: { name: configMap } }
}

/** The files of a workload's sidecar. */
export function configMap(name: string, namespace: string | undefined, workload: string, content: SidecarFiles): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { [names.label]: workload } },
    data: { [files.bootstrap]: content.bootstrap, [files.filter]: content.filter },
    binaryData: { [files.wasm]: Buffer.from(content.wasm).toString('base64') },
  }
}

export interface SidecarFiles {
  /** Envoy's bootstrap (YAML). It is read once, so a change of it has to roll the pods. */
  readonly bootstrap: string
  /** The filter and its configuration (JSON), which a running Envoy takes up when the ConfigMap changes. */
  readonly filter: string
  readonly wasm: Uint8Array
}
