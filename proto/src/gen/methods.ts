// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

/** Methods of apache.rocketmq.v2.MessagingService. */
export const messagingService: {
  readonly queryRoute: { readonly path: '/apache.rocketmq.v2.MessagingService/QueryRoute'; readonly kind: 'unary' }
  readonly heartbeat: { readonly path: '/apache.rocketmq.v2.MessagingService/Heartbeat'; readonly kind: 'unary' }
  readonly sendMessage: { readonly path: '/apache.rocketmq.v2.MessagingService/SendMessage'; readonly kind: 'unary' }
  readonly queryAssignment: { readonly path: '/apache.rocketmq.v2.MessagingService/QueryAssignment'; readonly kind: 'unary' }
  readonly receiveMessage: { readonly path: '/apache.rocketmq.v2.MessagingService/ReceiveMessage'; readonly kind: 'server-stream' }
  readonly ackMessage: { readonly path: '/apache.rocketmq.v2.MessagingService/AckMessage'; readonly kind: 'unary' }
  readonly forwardMessageToDeadLetterQueue: { readonly path: '/apache.rocketmq.v2.MessagingService/ForwardMessageToDeadLetterQueue'; readonly kind: 'unary' }
  readonly pullMessage: { readonly path: '/apache.rocketmq.v2.MessagingService/PullMessage'; readonly kind: 'server-stream' }
  readonly updateOffset: { readonly path: '/apache.rocketmq.v2.MessagingService/UpdateOffset'; readonly kind: 'unary' }
  readonly getOffset: { readonly path: '/apache.rocketmq.v2.MessagingService/GetOffset'; readonly kind: 'unary' }
  readonly queryOffset: { readonly path: '/apache.rocketmq.v2.MessagingService/QueryOffset'; readonly kind: 'unary' }
  readonly endTransaction: { readonly path: '/apache.rocketmq.v2.MessagingService/EndTransaction'; readonly kind: 'unary' }
  readonly telemetry: { readonly path: '/apache.rocketmq.v2.MessagingService/Telemetry'; readonly kind: 'bidi' }
  readonly notifyClientTermination: { readonly path: '/apache.rocketmq.v2.MessagingService/NotifyClientTermination'; readonly kind: 'unary' }
  readonly changeInvisibleDuration: { readonly path: '/apache.rocketmq.v2.MessagingService/ChangeInvisibleDuration'; readonly kind: 'unary' }
  readonly recallMessage: { readonly path: '/apache.rocketmq.v2.MessagingService/RecallMessage'; readonly kind: 'unary' }
  readonly syncLiteSubscription: { readonly path: '/apache.rocketmq.v2.MessagingService/SyncLiteSubscription'; readonly kind: 'unary' }
} = {
  /** Queues of a topic and where they are. */
  queryRoute: { path: '/apache.rocketmq.v2.MessagingService/QueryRoute', kind: 'unary' },
  /** A sign of life. */
  heartbeat: { path: '/apache.rocketmq.v2.MessagingService/Heartbeat', kind: 'unary' },
  /** Stores messages. */
  sendMessage: { path: '/apache.rocketmq.v2.MessagingService/SendMessage', kind: 'unary' },
  /** Which queues to poll. */
  queryAssignment: { path: '/apache.rocketmq.v2.MessagingService/QueryAssignment', kind: 'unary' },
  /** Takes messages under a lease. */
  receiveMessage: { path: '/apache.rocketmq.v2.MessagingService/ReceiveMessage', kind: 'server-stream' },
  /** Settles deliveries. */
  ackMessage: { path: '/apache.rocketmq.v2.MessagingService/AckMessage', kind: 'unary' },
  /** Gives a message up. */
  forwardMessageToDeadLetterQueue: { path: '/apache.rocketmq.v2.MessagingService/ForwardMessageToDeadLetterQueue', kind: 'unary' },
  /** Reads by offset. */
  pullMessage: { path: '/apache.rocketmq.v2.MessagingService/PullMessage', kind: 'server-stream' },
  /** Moves a group's offset. */
  updateOffset: { path: '/apache.rocketmq.v2.MessagingService/UpdateOffset', kind: 'unary' },
  /** Asks for a group's offset. */
  getOffset: { path: '/apache.rocketmq.v2.MessagingService/GetOffset', kind: 'unary' },
  /** Asks for an offset of the queue. */
  queryOffset: { path: '/apache.rocketmq.v2.MessagingService/QueryOffset', kind: 'unary' },
  /** Decides a half message. */
  endTransaction: { path: '/apache.rocketmq.v2.MessagingService/EndTransaction', kind: 'unary' },
  /** Settings and commands, both ways, for as long as the client lives. */
  telemetry: { path: '/apache.rocketmq.v2.MessagingService/Telemetry', kind: 'bidi' },
  /** Goodbye. */
  notifyClientTermination: { path: '/apache.rocketmq.v2.MessagingService/NotifyClientTermination', kind: 'unary' },
  /** Moves the end of a lease. */
  changeInvisibleDuration: { path: '/apache.rocketmq.v2.MessagingService/ChangeInvisibleDuration', kind: 'unary' },
  /** Takes a delayed message back. */
  recallMessage: { path: '/apache.rocketmq.v2.MessagingService/RecallMessage', kind: 'unary' },
  /** Lite topics of a client. */
  syncLiteSubscription: { path: '/apache.rocketmq.v2.MessagingService/SyncLiteSubscription', kind: 'unary' },
}

/** Methods of apache.rocketmq.v2.Admin. */
export const adminService: {
  readonly changeLogLevel: { readonly path: '/apache.rocketmq.v2.Admin/ChangeLogLevel'; readonly kind: 'unary' }
  readonly describeTopicStatus: { readonly path: '/apache.rocketmq.v2.Admin/DescribeTopicStatus'; readonly kind: 'unary' }
  readonly listSubscription: { readonly path: '/apache.rocketmq.v2.Admin/ListSubscription'; readonly kind: 'unary' }
  readonly describeSubscription: { readonly path: '/apache.rocketmq.v2.Admin/DescribeSubscription'; readonly kind: 'unary' }
  readonly deleteSubscription: { readonly path: '/apache.rocketmq.v2.Admin/DeleteSubscription'; readonly kind: 'unary' }
  readonly describeGroupAccumulation: { readonly path: '/apache.rocketmq.v2.Admin/DescribeGroupAccumulation'; readonly kind: 'unary' }
  readonly listConsumerConnection: { readonly path: '/apache.rocketmq.v2.Admin/ListConsumerConnection'; readonly kind: 'unary' }
  readonly resetGroupOffset: { readonly path: '/apache.rocketmq.v2.Admin/ResetGroupOffset'; readonly kind: 'unary' }
  readonly queryMessage: { readonly path: '/apache.rocketmq.v2.Admin/QueryMessage'; readonly kind: 'unary' }
  readonly printThreadStackTrace: { readonly path: '/apache.rocketmq.v2.Admin/PrintThreadStackTrace'; readonly kind: 'unary' }
  readonly verifyMessage: { readonly path: '/apache.rocketmq.v2.Admin/VerifyMessage'; readonly kind: 'unary' }
  readonly adminSendMessage: { readonly path: '/apache.rocketmq.v2.Admin/AdminSendMessage'; readonly kind: 'unary' }
  readonly getConsumerRunningInfo: { readonly path: '/apache.rocketmq.v2.Admin/GetConsumerRunningInfo'; readonly kind: 'unary' }
  readonly getTopicRoute: { readonly path: '/apache.rocketmq.v2.Admin/GetTopicRoute'; readonly kind: 'unary' }
  readonly queryTimeSpan: { readonly path: '/apache.rocketmq.v2.Admin/QueryTimeSpan'; readonly kind: 'unary' }
  readonly getProxyRuntimeStats: { readonly path: '/apache.rocketmq.v2.Admin/GetProxyRuntimeStats'; readonly kind: 'unary' }
} = {
  changeLogLevel: { path: '/apache.rocketmq.v2.Admin/ChangeLogLevel', kind: 'unary' },
  describeTopicStatus: { path: '/apache.rocketmq.v2.Admin/DescribeTopicStatus', kind: 'unary' },
  listSubscription: { path: '/apache.rocketmq.v2.Admin/ListSubscription', kind: 'unary' },
  describeSubscription: { path: '/apache.rocketmq.v2.Admin/DescribeSubscription', kind: 'unary' },
  deleteSubscription: { path: '/apache.rocketmq.v2.Admin/DeleteSubscription', kind: 'unary' },
  describeGroupAccumulation: { path: '/apache.rocketmq.v2.Admin/DescribeGroupAccumulation', kind: 'unary' },
  listConsumerConnection: { path: '/apache.rocketmq.v2.Admin/ListConsumerConnection', kind: 'unary' },
  resetGroupOffset: { path: '/apache.rocketmq.v2.Admin/ResetGroupOffset', kind: 'unary' },
  queryMessage: { path: '/apache.rocketmq.v2.Admin/QueryMessage', kind: 'unary' },
  printThreadStackTrace: { path: '/apache.rocketmq.v2.Admin/PrintThreadStackTrace', kind: 'unary' },
  verifyMessage: { path: '/apache.rocketmq.v2.Admin/VerifyMessage', kind: 'unary' },
  adminSendMessage: { path: '/apache.rocketmq.v2.Admin/AdminSendMessage', kind: 'unary' },
  getConsumerRunningInfo: { path: '/apache.rocketmq.v2.Admin/GetConsumerRunningInfo', kind: 'unary' },
  getTopicRoute: { path: '/apache.rocketmq.v2.Admin/GetTopicRoute', kind: 'unary' },
  queryTimeSpan: { path: '/apache.rocketmq.v2.Admin/QueryTimeSpan', kind: 'unary' },
  getProxyRuntimeStats: { path: '/apache.rocketmq.v2.Admin/GetProxyRuntimeStats', kind: 'unary' },
}
