// For who compiles without naming either: TypeScript 6 and later take no types on their own (https://www.typescriptlang.org/tsconfig/#types).
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export type { FaultedRpc } from './faulted-rpc.ts'
export type { CallFault, CallFaultEffect, DiskFault, DiskOperation, Fault, FaultedCalls, FaultOptions, FaultSpan, Faults } from './faults.ts'
export { RawClient, type RawMessage, type RawReceive, type RawSend } from './raw-client.ts'
export { type StartBrokerOptions, startBroker, type TestBroker } from './start-broker.ts'
export { type VirtualClock, type VirtualClockOptions, virtualClock } from './virtual-clock.ts'
