import type { HandlerContext, Message } from '@feathermq/sdk'
import { FeatherMQ } from '@feathermq/sdk'
import { startTracing } from '../support/tracing.ts'

// The consumer service: one client, two consumer groups, one address.
const [endpoints = '127.0.0.1:10000', tracesUrl = ''] = process.argv.slice(2)
const stopTracing = startTracing('warehouse', tracesUrl)
const mq = new FeatherMQ({ endpoints })

/** One call of a handler. */
export interface Handled {
  readonly topic: string
  readonly group: string
  readonly messageId: string
  readonly body: string
  readonly attempt: number
  readonly at: number
  readonly outcome: 'done' | 'failed'
}

function handler(group: string): (message: Message, ctx: HandlerContext) => Promise<void> {
  return async (message, ctx) => {
    const outcome = message.text() === 'order 3' && ctx.attempt === 1 ? 'failed' : 'done'
    const handled: Handled = {
      topic: message.topic,
      group,
      messageId: message.messageId,
      body: message.text(),
      attempt: ctx.attempt,
      at: Date.now(),
      outcome,
    }
    process.send?.({ type: 'handled', handled })
    // A throw gives the message back; the broker brings it again after the group's first wait, one second (broker.json).
    if (outcome === 'failed') throw new Error('the shelf was empty')
  }
}

const billing = mq.consumer({ group: 'billing', subscribe: { orders: '*', 'orders-eu': '*', 'payments-refunds': '*' } })
const ledger = mq.consumer({ group: 'ledger', subscribe: { payments: '*' }, ordered: true })
const running = [billing.run(handler('billing'), { concurrency: 8 }), ledger.run(handler('ledger'), { concurrency: 8 })]

process.on('message', async (message) => {
  if (message !== 'close') return
  await mq.close()
  await Promise.all(running)
  await stopTracing()
  process.disconnect?.()
})
// Nobody is left to work for.
process.on('disconnect', () => process.exit())
// Ctrl-C reaches every process of the terminal; the demo says when to close.
process.on('SIGINT', () => {})
process.send?.({ type: 'running' })
