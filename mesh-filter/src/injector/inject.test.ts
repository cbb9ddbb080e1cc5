import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { parse, parseAllDocuments, parseDocument } from 'yaml'
import type { MeshConfig } from '../config/model.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import { inject } from './inject.ts'
import { uninject } from './uninject.ts'

const config: MeshConfig = {
  version: 1,
  name: 'edge',
  mode: 'route',
  clusters: { default: 'east', allow: ['east'] },
  routes: [{ name: 'all', when: { topic: 'payments' }, cluster: 'east' }],
}
const options = { clusters: { east: 'mq.shop:8081' }, wasm: Uint8Array.of(0, 97, 115, 109) }

const deployment = `# The payments service.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: payments # in the file of the team
  namespace: shop
spec:
  template:
    metadata:
      labels: { app: payments }
    spec:
      initContainers:
        - name: migrate
          image: 'example/migrate:1'
      containers:
        # what it is about
        - name: app
          image: "example/payments:1.4"
          env:
            - name: FEATHERMQ_ENDPOINTS
              value: mq.shop:8081 # the real one
            - { name: OTHER, value: 'x' }
        - name: helper
          image: busybox
      volumes:
        - name: data
          emptyDir: {}
`
const service = `apiVersion: v1
kind: Service
metadata: {name:   payments}   # as somebody wrote it
`
const unindented = parseDocument(deployment).toString({ indentSeq: false })
const kinds: Readonly<Record<string, string>> = {
  'a Deployment': deployment,
  'a StatefulSet without volumes': deployment.replace('Deployment', 'StatefulSet').replace(/ +volumes:[\s\S]*/, ''),
  'a workload whose lists are not indented': unindented,
  'a CronJob': `kind: CronJob
metadata:
  name: nightly
spec:
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: app
              image: example/nightly:1
`,
  'a Pod': 'kind: Pod\nmetadata:\n  name: one\nspec:\n  containers:\n    - name: app\n      image: a:1\n',
  'a workload of a kind of its own': deployment.replace('apps/v1', 'argoproj.io/v1alpha1').replace('Deployment', 'Rollout'),
  'several documents': `${service}---\n${deployment}---\n${service}`,
  'an address that comes from elsewhere': deployment.replace(
    'value: mq.shop:8081 # the real one',
    'valueFrom:\n                configMapKeyRef:\n                  name: mq\n                  key: address',
  ),
}

interface Variable {
  readonly name: string
  readonly value?: string
}

interface Container {
  readonly name: string
  readonly image: string
  readonly restartPolicy?: string
  readonly env?: readonly Variable[]
  readonly securityContext?: { readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] } }
  readonly volumeMounts?: readonly unknown[]
}

interface PodSpec {
  readonly initContainers: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[]
}

function podSpec(text: string): PodSpec {
  const documents = parseAllDocuments(text).map((document) => document.toJS())
  const root = documents.find(({ kind }) => kind !== 'Service' && kind !== 'ConfigMap')
  return (root.spec.jobTemplate?.spec ?? root.spec).template?.spec ?? root.spec
}

describe('inject', () => {
  for (const [what, text] of Object.entries(kinds)) {
    it(`adds a sidecar to ${what}, once however often, and uninject gives back every byte`, () => {
      const once = inject(text, config, options)
      assert.equal(once.workloads.length, 1)
      const spec = podSpec(once.text)
      assert.equal(spec.initContainers[0]?.name, 'feathermq-mesh')
      for (const { env } of spec.containers) {
        assert.equal(env?.find(({ name }) => name === 'FEATHERMQ_ENDPOINTS')?.value, '127.0.0.1:10000')
        assert.equal(env?.filter(({ name }) => name === 'FEATHERMQ_ENDPOINTS').length, 1)
      }
      assert.equal(inject(once.text, config, options).text, once.text)
      const back = uninject(once.text)
      assert.deepEqual(back.workloads, once.workloads)
      assert.equal(back.text, text)
    })
  }

  it('gives the sidecar no rights, and lets it start before the application and end after it', () => {
    const [sidecar] = podSpec(inject(deployment, config, options).text).initContainers
    assert.equal(sidecar?.restartPolicy, 'Always')
    assert.match(sidecar?.image ?? '', /^envoyproxy\/envoy:v1\./)
    assert.deepEqual(sidecar?.securityContext?.capabilities, { drop: ['ALL'] })
    assert.ok(!inject(deployment, config, options).text.includes('NET_ADMIN'))
  })

  it('redirects a port only when told to, by a container of its own that alone has the right to', () => {
    const told = { ...options, redirect: { port: 8081, image: 'example/iptables:1' } }
    const text = inject(deployment, config, told).text
    const [redirect, sidecar, migrate] = podSpec(text).initContainers
    assert.deepEqual([redirect?.name, sidecar?.name, migrate?.name], ['feathermq-mesh-redirect', 'feathermq-mesh', 'migrate'])
    assert.deepEqual(redirect?.securityContext?.capabilities?.add, ['NET_ADMIN', 'NET_RAW'])
    assert.deepEqual(sidecar?.securityContext?.capabilities, { drop: ['ALL'] })
    assert.match(JSON.stringify(redirect), /--dport 8081 -m owner ! --uid-owner 14801 -j REDIRECT --to-ports 10000/)
    assert.equal(uninject(text).text, deployment)
    assert.ok(!inject(text, config, options).text.includes('iptables'), 'a later injection without it takes it away')
  })

  it('puts bootstrap, filter and module into a ConfigMap beside the workload, which the sidecar mounts', () => {
    const [workload, map] = parseAllDocuments(inject(deployment, config, { ...options, listen: '127.0.0.1:9000' }).text).map((document) =>
      document.toJS(),
    )
    assert.equal(map.metadata.name, 'payments-feathermq-mesh')
    assert.equal(map.metadata.namespace, 'shop')
    assert.deepEqual(workload.spec.template.spec.volumes.at(-1), { name: 'feathermq-mesh', configMap: { name: 'payments-feathermq-mesh' } })
    assert.deepEqual(Buffer.from(map.binaryData['feathermq-mesh.wasm'], 'base64'), Buffer.from(options.wasm))
    const bootstrap = parse(map.data['envoy.yaml'])
    assert.equal(bootstrap.static_resources.listeners[0].address.socket_address.port_value, 9000)
    assert.equal(workload.spec.template.spec.containers[0].env[0].value, '127.0.0.1:9000')
    const filter = JSON.parse(map.data['filter.json'])
    assert.equal(filter.resources[0].typed_config.config.vm_config.code.local.filename, '/etc/feathermq-mesh/feathermq-mesh.wasm')
  })

  it('rolls the pods when the bootstrap changes, and not when only the rules do, which Envoy takes up by itself', () => {
    const hash = (text: string) => /mesh\.feathermq\/bootstrap: (\S+)/.exec(text)?.[1]
    const before = inject(deployment, config, options).text
    const rules = inject(before, { ...config, routes: [] }, options).text
    assert.notEqual(rules, before)
    assert.equal(hash(rules), hash(before))
    assert.notEqual(hash(inject(before, config, { ...options, clusters: { east: 'elsewhere:1' } }).text), hash(before))
  })

  it('leaves other documents of the file as they were written', () => {
    assert.ok(inject(`${service}---\n${deployment}`, config, options).text.startsWith(`${service}---\n`))
  })

  it('takes each workload of a List', () => {
    const items = [deployment, deployment.replace('name: payments', 'name: orders')].map(
      (text) =>
        `  - ${text
          .replace(/^#.*\n/, '')
          .replaceAll('\n', '\n    ')
          .trimEnd()}\n`,
    )
    const injection = inject(`kind: List\nitems:\n${items.join('')}`, config, options)
    assert.deepEqual(injection.workloads, ['Deployment/payments', 'Deployment/orders'])
    assert.equal(injection.text.match(/kind: ConfigMap/g)?.length, 2)
  })

  it('says that there is nothing to inject into, or that the file is no YAML', () => {
    assert.throws(
      () => inject(service, config, options),
      new ManifestError('there is no workload here: nothing with a pod template (spec.template.spec.containers)'),
    )
    assert.throws(() => inject('a: [', config, options), ManifestError)
  })
})

describe('uninject', () => {
  it('leaves a file alone that nothing was injected into, also one with a container of that name', () => {
    for (const text of [deployment, service, deployment.replace('name: migrate', 'name: feathermq-mesh')]) {
      assert.deepEqual(uninject(text), { text, workloads: [] })
    }
  })
})
