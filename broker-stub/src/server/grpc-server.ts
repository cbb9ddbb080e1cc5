import { messagingService } from '@feathermq/protocol'
import { fileDescriptorSet } from '@feathermq/protocol/descriptors'
import { type Server, serveReflection } from '@feathermq/transport'
import type { BrokerContext } from '../context.ts'
import { ackMessage } from '../handlers/ack-message.ts'
import { changeInvisibleDuration } from '../handlers/change-invisible-duration.ts'
import { heartbeat, notifyClientTermination } from '../handlers/client-life.ts'
import { endTransaction } from '../handlers/end-transaction.ts'
import { forwardToDeadLetterQueue } from '../handlers/forward-to-dead-letter-queue.ts'
import { recallMessage } from '../handlers/recall-message.ts'
import { receiveMessage } from '../handlers/receive-message.ts'
import { queryAssignment, queryRoute } from '../handlers/routes.ts'
import { sendMessage } from '../handlers/send-message.ts'
import { telemetry } from '../handlers/telemetry.ts'

/** Largest request, bytes: several messages of 4 MiB in one send. */
export const MAX_REQUEST_BYTES: number = 32 * 1024 * 1024

/** The service whose health a client may ask for by name. */
export const SERVICE = 'apache.rocketmq.v2.MessagingService'

/** Registers every RPC that this broker serves, health and reflection among them; the transport answers UNIMPLEMENTED to the others. */
export function registerHandlers(server: Server, broker: BrokerContext, maxDelay: number): void {
  server.handle(messagingService.queryRoute, queryRoute(broker))
  server.handle(messagingService.queryAssignment, queryAssignment(broker))
  server.handle(messagingService.telemetry, telemetry(broker))
  server.handle(messagingService.heartbeat, heartbeat(broker))
  server.handle(messagingService.notifyClientTermination, notifyClientTermination(broker))
  server.handle(messagingService.sendMessage, sendMessage(broker, maxDelay))
  server.handle(messagingService.receiveMessage, receiveMessage(broker))
  server.handle(messagingService.ackMessage, ackMessage(broker))
  server.handle(messagingService.changeInvisibleDuration, changeInvisibleDuration(broker))
  server.handle(messagingService.forwardMessageToDeadLetterQueue, forwardToDeadLetterQueue(broker))
  server.handle(messagingService.endTransaction, endTransaction(broker))
  server.handle(messagingService.recallMessage, recallMessage(broker))
  broker.health.set(SERVICE, 'SERVING')
  broker.health.serve(server)
  serveReflection(server, fileDescriptorSet)
}
