"""Leads official Python clients for a test.

Requests come as JSON lines on stdin, answers and arrivals go as JSON lines to stdout. Which there are is written in test/support/official/calls.ts. The
process ends by itself when stdin has ended and every client was shut down.
"""

import base64
import itertools
import json
import math
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from rocketmq.grpc_protocol import TransactionResolution
from rocketmq.v5.client import ClientConfiguration, Credentials
from rocketmq.v5.consumer import ConsumeResult, MessageListener, PushConsumer, SimpleConsumer
from rocketmq.v5.model import FilterExpression, Message
from rocketmq.v5.producer import Producer, TransactionChecker

writing = threading.Lock()


def write(line):
    text = json.dumps(line) + "\n"
    with writing:
        sys.stdout.write(text)
        sys.stdout.flush()


def plain(message):
    """A message as the client gives it out."""
    return {
        "messageId": message.message_id,
        "topic": message.topic,
        "body": base64.b64encode(message.body).decode("ascii"),
        "tag": message.tag or "",
        # A set: the client drops their order.
        "keys": sorted(message.keys),
        "properties": message.properties,
        "messageGroup": message.message_group or "",
        "attempt": message.delivery_attempt,
        "receiptHandle": message.receipt_handle,
        "corrupted": message.corrupted,
        # It gives 0 where the message carries none.
        **({"deliverAt": message.delivery_timestamp} if message.delivery_timestamp else {}),
    }


def configuration(start):
    return ClientConfiguration(start["endpoints"], Credentials(start.get("accessKey", ""), start.get("secretKey", "")))


def subscription(start):
    return {start["topic"]: FilterExpression(start["filter"])}


class Checker(TransactionChecker):
    def check(self, message):
        # Answers what the message says itself.
        return TransactionResolution.COMMIT if message.properties.get("answer") == "commit" else TransactionResolution.ROLLBACK


class ProducerClient:
    def __init__(self, start):
        self.client = Producer(configuration(start), (start["topic"],), checker=Checker(), tls_enable=start.get("tls", False))

    def answer(self, request):
        if request["ask"] == "recall":
            return self.client.recall_message(request["topic"], request["recallHandle"])
        sent = request["message"]
        message = Message()
        message.topic = sent["topic"]
        message.body = base64.b64decode(sent["body"])
        if "tag" in sent:
            message.tag = sent["tag"]
        for key in sent.get("keys", []):
            # Its setter adds.
            message.keys = key
        for name, value in sent.get("properties", {}).items():
            message.add_property(name, value)
        if "messageGroup" in sent:
            message.message_group = sent["messageGroup"]
        if "deliverAt" in sent:
            # Sent in whole seconds, whatever its docstring says; received in milliseconds.
            message.delivery_timestamp = sent["deliverAt"] // 1000
        if "priority" in sent:
            message.priority = sent["priority"]
        receipt = self.in_transaction(message, sent["transaction"]) if "transaction" in sent else self.client.send(message)
        return {"messageId": receipt.message_id, "recallHandle": receipt.recall_handle}

    def in_transaction(self, message, fate):
        transaction = self.client.begin_transaction()
        receipt = self.client.send(message, transaction)
        if fate == "commit":
            transaction.commit()
        if fate == "rollback":
            transaction.rollback()
        return receipt


class SimpleClient:
    def __init__(self, start):
        self.received = {}
        self.client = SimpleConsumer(
            configuration(start),
            start["group"],
            subscription(start),
            # Rounded up: none would leave the wait to the server.
            await_duration=math.ceil(start["wait"] / 1000),
            tls_enable=start.get("tls", False),
        )

    def answer(self, request):
        if request["ask"] == "receive":
            messages = self.client.receive(request["max"], request["invisible"] // 1000)
            self.received.update((message.receipt_handle, message) for message in messages)
            return [plain(message) for message in messages]
        message = self.received[request["receiptHandle"]]
        if request["ask"] == "ack":
            return self.client.ack(message)
        self.client.change_invisible_duration(message, request["duration"] // 1000)
        # It writes the new handle into the message.
        self.received[message.receipt_handle] = message
        return message.receipt_handle


class PushClient(MessageListener):
    def __init__(self, number, start):
        self.number = number
        self.arrivals = itertools.count()
        self.decisions = {}
        self.client = PushConsumer(configuration(start), start["group"], self, subscription(start), tls_enable=start.get("tls", False))

    def consume(self, message):
        arrival = next(self.arrivals)
        decision = self.decisions[arrival] = Future()
        write({"client": self.number, "arrived": arrival, "message": plain(message)})
        return ConsumeResult.SUCCESS if decision.result() else ConsumeResult.FAILURE

    def decide(self, arrival, success):
        self.decisions.pop(arrival).set_result(success)


clients = {}


def create(number, start):
    if start["role"] == "producer":
        return ProducerClient(start)
    return SimpleClient(start) if start["role"] == "simple" else PushClient(number, start)


def answer(request):
    number = request["client"]
    if request["ask"] == "start":
        clients[number] = create(number, request["start"])
        return clients[number].client.startup()
    if request["ask"] == "shutdown":
        # It waits for no open poll.
        write({"client": number, "closing": True})
        return clients.pop(number).client.shutdown()
    return clients[number].answer(request)


def reply(request):
    line = {"reply": request["id"]}
    try:
        line["value"] = answer(request)
    except Exception as error:  # whatever it is, the test is told
        line["error"] = f"{type(error).__name__}: {error}"
        code = getattr(error, "code", None)
        if isinstance(code, int):
            line["code"] = int(code)
    write(line)


# A thread for each request: the calls of the client that are used here block.
with ThreadPoolExecutor(max_workers=100) as threads:
    for text in sys.stdin:
        asked = json.loads(text)
        if "decide" in asked:
            clients[asked["client"]].decide(asked["decide"], asked["success"])
        else:
            threads.submit(reply, asked)
