import type { BrokerContext } from '../context.ts'
import { type GroupConfig, groupSchema, groupSettings, OptionError, schemaCheck, type TopicConfig, topicSchema, topicSettings } from '../options.ts'
import { RegistryError } from '../registry/registry.ts'
import { type ApiAnswer, answer, problem } from './answer.ts'
import { explainGroup, explainTopic } from './explain.ts'
import { clientsView, groupView, subscriptionsView, topicView } from './views.ts'

/** What there is, for those who ask for something else. */
export const apiPaths = '/api/topics, /api/groups, /api/clients, /api/subscriptions'

const METHODS: ReadonlyMap<string, string> = new Map([
  ['topics', 'GET, HEAD, POST'],
  ['topics/NAME', 'GET, HEAD, DELETE'],
  ['groups', 'GET, HEAD, POST'],
  ['groups/NAME', 'GET, HEAD, DELETE'],
  ['clients', 'GET, HEAD'],
  ['subscriptions', 'GET, HEAD'],
])

const named = (schema: { readonly properties: object }): object => ({
  ...schema,
  required: ['name'],
  properties: { name: { type: 'string' }, ...schema.properties },
})
const checkTopicBody = schemaCheck(named(topicSchema))
const checkGroupBody = schemaCheck(named(groupSchema))

function createTopic(broker: BrokerContext, body: unknown): ApiAnswer {
  const problems = checkTopicBody(body)
  if (problems.length > 0) return problem(400, problems.join('; '))
  const { name, ...config } = body as TopicConfig & { readonly name: string }
  return answer(201, topicView(broker, broker.registry.createTopic(name, topicSettings(config), 'admin')))
}

function putGroup(broker: BrokerContext, body: unknown): ApiAnswer {
  const problems = checkGroupBody(body)
  if (problems.length > 0) return problem(400, problems.join('; '))
  const { name, ...config } = body as GroupConfig & { readonly name: string }
  const known = broker.registry.group(name) !== undefined
  return answer(known ? 200 : 201, groupView(broker, broker.registry.putGroup(name, groupSettings(config), 'admin')))
}

function deleteTopic(broker: BrokerContext, name: string): ApiAnswer {
  if (!broker.registry.removeTopic(name)) return problem(404, `there is no topic "${name}"`)
  broker.delivery.removeTopic(name)
  broker.counters.forgetTopic(name)
  return answer(200, { deleted: name })
}

function deleteGroup(broker: BrokerContext, name: string): ApiAnswer {
  if (!broker.registry.removeGroup(name)) return problem(404, `there is no group "${name}"`)
  broker.delivery.removeGroup(name)
  return answer(200, { deleted: name })
}

/**
 * The JSON admin API: `GET /api/topics[/NAME]`, `POST /api/topics`, `GET /api/groups[/NAME]`, `POST /api/groups` (creates or changes),
 * `DELETE /api/topics/NAME`, `DELETE /api/groups/NAME`, `GET /api/clients`, `GET /api/subscriptions`. Problems answer `{ "error": … }`.
 *
 * A client that goes on using what was deleted makes it anew, empty and with default settings, where topics and groups are made on first use.
 */
export function adminApi(broker: BrokerContext, method: string, path: string, body: unknown): ApiAnswer {
  const [kind, encoded, ...rest] = path.replace(/^\/api\//, '').split('/')
  let name: string | undefined
  try {
    name = encoded === undefined ? undefined : decodeURIComponent(encoded)
  } catch {
    return problem(400, `"${encoded}" is no percent-encoded name`)
  }
  const place = `${kind}${name === undefined ? '' : '/NAME'}`
  const allow = rest.length > 0 ? undefined : METHODS.get(place)
  if (allow === undefined) return problem(404, `there is nothing at ${path}; try ${apiPaths}`)
  try {
    switch (`${method} ${place}`) {
      case 'GET topics':
        return answer(200, { topics: broker.registry.topics().map((topic) => topicView(broker, topic)) })
      case 'GET topics/NAME': {
        const topic = broker.registry.topic(name ?? '')
        return topic === undefined
          ? problem(404, `there is no topic "${name}"`)
          : answer(200, { ...topicView(broker, topic), why: explainTopic(broker, topic) })
      }
      case 'POST topics':
        return createTopic(broker, body)
      case 'DELETE topics/NAME':
        return deleteTopic(broker, name ?? '')
      case 'GET groups':
        return answer(200, { groups: broker.registry.groups().map((group) => groupView(broker, group)) })
      case 'GET groups/NAME': {
        const group = broker.registry.group(name ?? '')
        return group === undefined
          ? problem(404, `there is no group "${name}"`)
          : answer(200, { ...groupView(broker, group), why: explainGroup(broker, group) })
      }
      case 'POST groups':
        return putGroup(broker, body)
      case 'DELETE groups/NAME':
        return deleteGroup(broker, name ?? '')
      case 'GET clients':
        return answer(200, { clients: clientsView(broker) })
      case 'GET subscriptions':
        return answer(200, { subscriptions: subscriptionsView(broker) })
      default:
        return { ...problem(405, `${path} takes ${allow}`), allow }
    }
  } catch (error) {
    if (error instanceof OptionError) return problem(400, error.message)
    if (error instanceof RegistryError) return problem(error.reason === 'illegal' ? 400 : 409, error.message)
    throw error
  }
}
