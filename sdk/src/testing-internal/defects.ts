/** Something that clients of RocketMQ 5 were seen or read to get wrong, and the tests that keep ours from it. */
export interface Defect {
  readonly defect: string
  /** Files below `sdk/src` (or the repository's root, where they begin with `proto/` or `test/`), each with the names of its tests. */
  readonly tests: Readonly<Record<string, readonly string[]>>
  /** The scenario in which the official Node client shows it, if it can be shown in seconds. */
  readonly scenario?: string
}

/** rocketmq-client-nodejs 1.0.8, seen when it ran. */
const seen: readonly Defect[] = [
  {
    defect: 'takes the seconds of a back-off for milliseconds, and knows no list of back-offs, which is the default of servers',
    tests: {
      'consumer/run-settling.test.ts': [
        'nacks by the pushed customized policy, in seconds that are seconds',
        'nacks by the pushed exponential policy: 5 s, 10 s, 20 s',
        'never shows the defaults when the policy of the server lacks parts',
      ],
    },
    scenario: 'a handler fails, and the group has the default retry policy of servers (1 s, 5 s, 10 s …)',
  },
  {
    defect: 'gives a message of an ordered group up after one attempt of seventeen',
    tests: { 'consumer/ordered.test.ts': ['makes all the attempts of the default policy of servers before a message goes to the dead-letter topic'] },
    scenario: 'a handler of an ordered group fails once, of 17 attempts that the policy has',
  },
  {
    defect: 'never starts with several topics: its settings come before it begins to wait for them',
    tests: {
      'producer/known-defects.test.ts': [
        'waits for settings that came before it began to wait, whatever the number of its topics',
        'waits without end for settings that do not come',
      ],
      'consumer/pitfalls.test.ts': ['starts with any number of topics, however settings and routes cross'],
    },
    scenario: 'a producer of three topics starts',
  },
  {
    defect: 'takes the id of a queue for that of its broker: all messages go to queue 0, and none where that is read-only',
    tests: {
      'producer/known-defects.test.ts': ['takes the id of a queue for that of its broker, and fails where queue 0 is read-only'],
      'producer/producer.test.ts': ['goes round all writable queues of a master, whatever their ids'],
    },
    scenario: 'eight messages go to a topic of eight queues',
  },
  {
    defect: 'dies of a connection that is reset after it was closed',
    tests: {
      'producer/known-defects.test.ts': ['falls over a server that resets its streams after the close'],
      'consumer/pitfalls.test.ts': ['survives a server that resets everything after it was closed'],
      'process.test.ts': ['survives a server that resets its connections after the client was closed'],
    },
    scenario: 'a connection is reset after the client was closed',
  },
  {
    defect: 'opens connections per queue, and more at each refresh of its route',
    tests: {
      'producer/known-defects.test.ts': ['opens another connection at each refresh of its route'],
      'connection/session.test.ts': ['keeps one channel and one stream per address over any number of route refreshes'],
      'connection/wires.test.ts': [
        'is one TLS connection for a consumer of eight queues, over any number of route refreshes',
        'that is cut again and again keeps one connection, and neither timers nor streams of those before',
      ],
    },
    scenario: 'a consumer of eight queues connects by TLS',
  },
  {
    defect: 'loses whole batches to messages without a digest',
    tests: { 'consumer/run.test.ts': ['delivers messages without a digest, and those with any digest that fits'] },
    scenario: 'three messages come without a digest',
  },
  {
    defect: 'loses whole batches to a body that cannot be inflated',
    tests: { 'consumer/pitfalls.test.ts': ['loses one message, not its batch, to a body that cannot be inflated'] },
    scenario: 'one of three bodies cannot be inflated',
  },
  {
    defect: 'writes CRC32 in decimal, and takes every message that has one for damaged',
    tests: {
      'consumer/run.test.ts': ['delivers messages without a digest, and those with any digest that fits'],
      'proto/src/facts.test.ts': ['by CRC32 is compared by value: other clients pad it, or write it in decimal'],
    },
    scenario: 'a body has a CRC32 as its digest',
  },
  {
    defect: 'reads the hash of a message group big-endian and without sign: groups land on other queues than those of Java',
    tests: {
      'producer/queue-choice.test.ts': ['is that of the official Java client for message groups: SipHash-2-4, little-endian, signed, floor-mod'],
      'producer/producer.test.ts': ['sends a message group to the queue that the official Java client chooses'],
    },
    scenario: 'a message of a message group goes to a topic of eight queues',
  },
  {
    defect: "shows what is absent as '' or 0",
    tests: { 'consumer/run.test.ts': ['shows what a message lacks as undefined, not as empty text or 0'] },
    scenario: 'a message has neither tag nor message group',
  },
  {
    defect: 'cannot resolve a list of endpoints',
    tests: {
      'endpoints.test.ts': ['may be several, separated by semicolons or commas'],
      'connection/session.test.ts': ['goes on to the next address of the access point when one is down'],
    },
    scenario: 'the access point is a list whose first address is down',
  },
  {
    defect: 'reads IPv6 addresses and http:// wrongly',
    tests: { 'endpoints.test.ts': ['are read in every documented form'], 'connection/wires.test.ts': ['reaches a server by its IPv6 address'] },
    scenario: 'the access point begins with http://',
  },
  {
    defect: 'closes without any limit of time: a handler or acknowledgements that never end hold it for ever',
    tests: {
      'consumer/close.test.ts': ['ends in time though a handler never settles', 'ends in time though acks keep failing'],
      'producer/known-defects.test.ts': ['hangs at its close for a send that never ends'],
      'consumer/pitfalls.test.ts': [
        'ends in time, twice, and every message that came was acknowledged, given back, or is with a server that is gone',
      ],
    },
    scenario: 'a consumer closes whose handler never ends',
  },
  {
    defect: 'waits at its close for long polls to end',
    tests: { 'consumer/close.test.ts': ['cancels an idle long poll at once instead of waiting for its end'] },
    scenario: 'an idle consumer closes',
  },
  {
    defect: 'fails at its close when the server is gone, and leaves its process alive',
    tests: {
      'consumer/close.test.ts': ['ends in time though the server is gone'],
      'producer/known-defects.test.ts': ['fails at its close, or leaves anything behind, when the server is gone'],
    },
    scenario: 'a producer closes when its server is gone',
  },
  {
    defect: 'keeps the process alive when it was only made, after a failed start and after its close',
    tests: {
      'process.test.ts': [
        'ends by itself after a client was only made, and after it sent without being closed',
        'ends by itself after a start that failed, and after run() was closed, with nothing written',
      ],
      'consumer/pitfalls.test.ts': [
        'leaves nothing behind when it closes: no timer, no stream, no poll',
        'leaves nothing behind that keeps the process alive when its start fails, and can be started again',
      ],
    },
    scenario: 'a client is only made',
  },
  {
    defect: 'prints at every close',
    tests: { 'consumer/close.test.ts': ['says nothing on a clean end'] },
    scenario: 'a client closes that was given no logger',
  },
  {
    defect: 'cannot be told whom to trust',
    tests: {
      'connection/strangers.test.ts': [
        'trusts a private certificate authority when told, and only then',
        'shows its own certificate where the server asks for one',
      ],
    },
    scenario: "the server's certificate is signed by an authority of one's own",
  },
  {
    defect: 'tries again at once what was throttled',
    tests: {
      'producer/producer.test.ts': ['waits as the server asks when throttled: 10 ms, then 20 ms'],
      'producer/known-defects.test.ts': ['forgets the fractions of a second of the back-off, so that a throttled send comes back at once'],
      'retry/retry.test.ts': ['waits by the pushed back-off when throttled, also on another endpoint'],
    },
    scenario: 'the server throttles, and its back-off is 400 ms and twice that',
  },
  {
    defect: 'takes priority 0 for none',
    tests: { 'producer/known-defects.test.ts': ['takes priority 0 for none'] },
    scenario: 'a message has priority 0',
  },
  {
    defect: 'says request-id=undefined in its errors, and repeats what the server refused',
    tests: {
      'producer/known-defects.test.ts': ['hides from who reads an error which request it was', 'repeats what the server refused (as Java does)'],
    },
    scenario: 'a send is refused',
  },
  {
    defect: 'logs lines with holes in them',
    tests: {
      'connection/fault-matrix.test.ts': ['QueryRoute: neither hammers it, nor hangs, nor falls, and works again when it does, and says no nonsense'],
    },
    scenario: 'the topic does not exist',
  },
]

/** The same client, read in its source. */
const read: readonly Defect[] = [
  {
    defect: 'avoids an endpoint for ever that failed once',
    tests: {
      'producer/isolation.test.ts': ['is avoided for a growing while, tried by one call each time, and healed by its answer'],
      'connection/endpoint-health.test.ts': ['is never bad for ever, whatever happens'],
    },
  },
  {
    defect: 'sends to the queues of an old route',
    tests: {
      'producer/known-defects.test.ts': ['goes on with the queues of an old route'],
      'connection/session.test.ts': ['follows its routes: new endpoints are used, old ones are let go'],
    },
  },
  {
    defect: 'sends before it has the settings of the server',
    tests: { 'producer/known-defects.test.ts': ['sends its first message by defaults before the settings of the server are there'] },
  },
  {
    defect: 'throws out of its stream for settings without a back-off',
    tests: {
      'producer/known-defects.test.ts': ['throws inside the stream for settings without a back-off, or with one of the other kind'],
      'producer/producer.test.ts': ['lives with settings that lack everything'],
    },
  },
  {
    defect: 'accepts options that it ignores',
    tests: {
      'options.test.ts': ['are refused by path, and so are names that do not exist'],
      'producer/producer-options.test.ts': ['are checked when the producer is made, each by a sentence with its path and its limits'],
    },
  },
  {
    defect: 'does not tell the server of new subscriptions, and goes on with those that were ended',
    tests: {
      'consumer/subscribing.test.ts': [
        'grow: the server is told, and the new topic is received from at once',
        'shrink: the server is told, the receives of the topic are cancelled, and what is not begun goes back',
      ],
    },
  },
  {
    defect: 'calls codes of the protocol "unsupported"',
    tests: { 'producer/known-defects.test.ts': ['calls a code of the protocol "unsupported" that it could name'] },
  },
  {
    defect: 'ignores the results of acknowledgements, and a simple consumer tries none again',
    tests: {
      'consumer/run-settling.test.ts': ['honours the result of each ack: a lost lease is final, trouble is tried again each second'],
      'consumer/simple-consumer.test.ts': [
        'rejects an ack with LEASE_LOST when the server says that the handle is not valid',
        'tries an ack again while the lease lives, and gives up with it',
      ],
    },
    scenario: 'an acknowledgement is refused, which its entry alone says',
  },
  {
    defect: 'makes the message of a transaction twice, and remembers the id that it did not send',
    tests: { 'producer/known-defects.test.ts': ['makes a message of a transaction twice, so that the id it tells is not the one that it sent'] },
  },
  {
    defect: 'makes the same message ids on machines whose MAC address cannot be had',
    tests: { 'proto/src/facts.test.ts': ['needs a MAC address of six bytes'], 'producer/producer.test.ts': ['makes a new message id per message'] },
  },
  {
    defect: 'closes the logger that it was given',
    tests: {
      'producer/known-defects.test.ts': ['closes the logger that it was given, or complains at its close'],
      'consumer/pitfalls.test.ts': ['never closes the logger that it was given'],
    },
    scenario: 'a client closes that was given a logger',
  },
  {
    defect: 'doubles its timers when it is started twice',
    tests: { 'consumer/pitfalls.test.ts': ['counts as one consumer however often it is started: a second start changes nothing'] },
  },
  {
    defect: 'opens a stream again after its close',
    tests: { 'connection/session.test.ts': ['stays closed: a server that ends the stream late revives nothing'] },
  },
  {
    defect: 'asks under a new attempt id after a receive that brought nothing',
    tests: {
      'consumer/run-receiving.test.ts': [
        'keeps an attempt id for a receive that failed or brought nothing, and renews it after messages',
        'asks for what a receive that broke off may have been given, and handles nothing twice that came before the break',
      ],
    },
  },
  {
    defect: 'answers commands of the server with fakes, or does not know them',
    tests: {
      'connection/session.test.ts': [
        'answers a request for a stack trace with what a process of one thread can tell',
        'answers that it cannot verify a message, in the field for that',
        'makes the connection anew when the server asks',
        'survives commands that it cannot follow',
      ],
    },
  },
  {
    defect: 'leaves its namespace out of all but sends',
    tests: { 'consumer/pitfalls.test.ts': ['names its namespace in every call, and shows none of it to the handler'] },
  },
]

/** Others: what was seen of Java, Go and Rust, and of servers. */
const others: readonly Defect[] = [
  {
    defect: 'a consumer does not start where its group is missing, and does not say why (Java and Node, with a server in local mode)',
    tests: { 'connection/session.test.ts': ['fails at once when the server refuses the settings, with the words of the server'] },
  },
  {
    defect: 'a send of several messages counts as failed where the server answers once for all of them (all)',
    tests: {
      'producer/send-list.test.ts': [
        'takes one entry for several messages as the answer for all, as stock servers give it',
        'does not guess, and repeats nothing, when the number of entries fits nothing',
      ],
    },
  },
  {
    defect: 'a message is stored twice, and nobody is told (all)',
    tests: { 'producer/known-defects.test.ts': ['stores a message twice in silence: the id stays, and the receipt or the error says so'] },
  },
  {
    defect: 'a full cache stops receiving for a second (all)',
    tests: { 'consumer/run-receiving.test.ts': ['keeps no more messages than the cache holds, and receives again in the moment there is room'] },
  },
  {
    defect: 'a connection that went dead without a word is never noticed (Go, Rust, Node)',
    tests: {
      'connection/wires.test.ts': ['that goes dead without a word makes its connection anew, sends and receives again, and lets go of the dead one'],
      'connection/session.test.ts': ['gives up a connection on which two heartbeats in a row stay unanswered, at most every 30 s'],
    },
  },
]

/** By whom, and what. */
export const defects: readonly (readonly [who: string, rows: readonly Defect[]])[] = [
  ['rocketmq-client-nodejs 1.0.8, as it runs', seen],
  ['rocketmq-client-nodejs 1.0.8, in its source', read],
  ['Other official clients', others],
]
