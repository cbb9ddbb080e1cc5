export { RawClient, type RawMessage, type RawReceive, type RawSend } from './raw-client.ts'
export { type StartBrokerOptions, startBroker, type TestBroker } from './start-broker.ts'
export { type VirtualClock, type VirtualClockOptions, virtualClock } from './virtual-clock.ts'
