#!/usr/bin/env python3
"""Measures local clouds from the outside: one client, one script, one run, over TCP.

usage: compare.py [--target DIR] [--profile NAME] [--ministack PROGRAM] [--localstack URL] [--events N] [--json FILE]

Starts `throughline dev --empty` (a release build) and, where named, ministack on free ports; LocalStack is only asked, where it
already runs. Each gets the same functions (the project's own release binaries), the same resources by the same calls, and is timed
by the same client. Prints a Markdown table; docs/performance.md holds the last one.

needs: boto3, and
    cargo build --release -p throughline-cli -p notify-customer        # or --profile deploy, for both and for this script
    cargo build --release -p throughline-runtime --example echo
"""

import argparse
import http.client
import io
import json
import multiprocessing
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
ROLE = "arn:aws:iam::000000000000:role/load"
# Processes that send events, and how long all of them may take to arrive, in seconds.
CLIENTS = 4
LIMIT = 300


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A local cloud that this script started: ready when a TCP client gets an answer from SQS."""

    def __init__(self, command, env, endpoint):
        self.endpoint = endpoint
        began = time.perf_counter()
        self.process = subprocess.Popen(
            command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        port = int(endpoint.rsplit(":", 1)[1])
        request = (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ListQueues\r\nContent-Type: application/x-amz-json-1.0\r\n"
            b"Authorization: AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0\r\n"
            b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
        )
        while True:
            if self.process.poll() is not None:
                sys.exit(f"{command[0]} ended with {self.process.returncode}: is it built, is it installed?")
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
                    s.sendall(request)
                    if s.recv(64).startswith(b"HTTP/1.1 200"):
                        break
            except OSError:
                pass
            if time.perf_counter() - began > 60:
                sys.exit(f"{command[0]} did not answer within 60 s")
            time.sleep(0.001)
        self.boot = time.perf_counter() - began

    def memory(self):
        """Resident memory of the process itself, in MB: functions not counted."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


class Wire:
    """The timed calls: AWS's JSON protocol on a kept connection per thread. boto3 costs more than what is measured."""

    SERVICES = {
        "dynamodb": ("DynamoDB_20120810", "1.0"),
        "events": ("AWSEvents", "1.1"),
        "states": ("AWSStepFunctions", "1.0"),
    }

    def __init__(self, endpoint):
        self.address = endpoint.split("//")[1]
        self.local = threading.local()

    def send(self, method, path, headers, body):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.address, timeout=120)
            self.local.connection.connect()
            self.local.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local.connection.request(method, path, body, headers)
        answer = self.local.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            sys.exit(f"{headers}: {answer.status} {data!r}")
        return json.loads(data) if data else {}

    def headers(self, service):
        scope = f"test/20261124/us-east-1/{service}/aws4_request"
        return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
                "X-Amz-Date": "20261124T000000Z"}  # fmt: skip

    def call(self, service, operation, **body):
        prefix, version = self.SERVICES[service]
        own = {"X-Amz-Target": f"{prefix}.{operation}", "Content-Type": f"application/x-amz-json-{version}"}
        return self.send("POST", "/", self.headers(service) | own, json.dumps(body))

    def invoke(self, function, payload):
        path = f"/2015-03-31/functions/{function}/invocations"
        return self.send("POST", path, self.headers("lambda"), json.dumps(payload))


def put_events(wire, entries):
    answer = wire.call("events", "PutEvents", Entries=entries)
    assert answer["FailedEntryCount"] == 0, answer


def send(endpoint, entries, start):
    """A client process: sends its events, ten a call, one call after the other."""
    wire = Wire(endpoint)
    start.wait()
    for first in range(0, len(entries), 10):
        put_events(wire, entries[first : first + 10])


class Bench:
    def __init__(self, endpoint, binaries):
        self.endpoint = endpoint
        self.binaries = binaries
        self.wire = Wire(endpoint)
        self.name = f"load-{uuid.uuid4().hex[:8]}"
        config = Config(retries={"max_attempts": 0}, max_pool_connections=16, read_timeout=120)
        session = boto3.Session("test", "test", region_name="us-east-1")
        client = lambda service: session.client(service, endpoint_url=endpoint, config=config)  # noqa: E731
        self.sqs, self.events, self.ddb = client("sqs"), client("events"), client("dynamodb")
        self.lam, self.sfn = client("lambda"), client("stepfunctions")

    def function(self, name, binary, variables):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as z:
            info = zipfile.ZipInfo("bootstrap", (2026, 1, 1, 0, 0, 0))
            info.external_attr = 0o755 << 16
            z.writestr(info, binary.read_bytes())
        arn = self.lam.create_function(
            FunctionName=f"{self.name}-{name}", Runtime="provided.al2023", Handler="bootstrap", Role=ROLE, Timeout=30,
            MemorySize=256, Code={"ZipFile": archive.getvalue()}, Environment={"Variables": variables},
            Architectures=["arm64" if platform.machine() == "aarch64" else "x86_64"],
        )["FunctionArn"]  # fmt: skip
        for _ in range(600):
            if self.lam.get_function(FunctionName=arn)["Configuration"].get("State", "Active") == "Active":
                return arn
            time.sleep(0.1)
        sys.exit(f"{name} did not become active")

    def table(self, name, key):
        full = f"{self.name}-{name}"
        self.ddb.create_table(
            TableName=full, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        )  # fmt: skip
        return full

    def queue(self, name):
        url = self.sqs.create_queue(QueueName=f"{self.name}-{name}", Attributes={"VisibilityTimeout": "180"})["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def set_up(self):
        self.echo = self.function("echo", self.binaries / "examples" / "echo", {})
        self.notifications = self.table("notifications", "notification_id")
        self.bus = self.name
        self.events.create_event_bus(Name=self.bus)
        url, arn = self.queue("notify")
        dead, _ = self.queue("dead")
        rule = self.events.put_rule(
            Name=self.name, EventBusName=self.bus,
            EventPattern=json.dumps({"source": ["orders"], "detail-type": ["orders.order.completed"]}),
        )["RuleArn"]  # fmt: skip
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
                 "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.events.put_targets(Rule=self.name, EventBusName=self.bus, Targets=[{"Id": "queue", "Arn": arn}])
        consumer = self.function("notify", self.binaries / "notify-customer", {
            "THROUGHLINE_IDEMPOTENCY_TABLE": self.table("idempotency", "key"),
            "THROUGHLINE_TABLE_NOTIFICATIONS": self.notifications,
            "THROUGHLINE_SOURCE_QUEUE": url, "THROUGHLINE_DEAD_LETTER_QUEUE": dead,
        })  # fmt: skip
        self.lam.create_event_source_mapping(
            FunctionName=consumer, EventSourceArn=arn, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
        )
        definition = {"StartAt": "Only", "States": {"Only": {"Type": "Task", "Resource": self.echo, "End": True}}}
        self.machine = self.sfn.create_state_machine(name=self.name, definition=json.dumps(definition), roleArn=ROLE)[
            "stateMachineArn"
        ]

    def entry(self, order):
        return {
            "EventBusName": self.bus, "Source": "orders", "DetailType": "orders.order.completed",
            "Detail": json.dumps({
                "specversion": "1.0", "id": f"evt_{uuid.uuid4()}", "source": "orders", "type": "orders.order.completed",
                "subject": order, "time": "2026-11-24T10:00:00Z", "datacontenttype": "application/json",
                "dataschema": "urn:throughline:contract:orders.order.completed:1", "schemaversion": 1,
                "correlationid": f"cor_{uuid.uuid4()}",
                "data": {"order_id": order, "customer": {"id": "cus_ada", "email": "ada@example.com"},
                         "total_cents": 650, "currency": "EUR"},
            }),
        }  # fmt: skip

    def put(self, entries):
        put_events(self.wire, entries)

    def told(self, order):
        key = {"notification_id": {"S": f"{order}#orders.order.completed"}}
        return "Item" in self.wire.call("dynamodb", "GetItem", TableName=self.notifications, Key=key, ConsistentRead=True)

    def until_told(self, order, limit=120, pause=0.0):
        end = time.perf_counter() + limit
        while not self.told(order):
            if time.perf_counter() > end:
                sys.exit(f"{order} did not arrive within {limit} s")
            time.sleep(pause)

    def count(self):
        total, start = 0, {}
        while True:
            page = self.wire.call("dynamodb", "Scan", TableName=self.notifications, Select="COUNT", ConsistentRead=True, **start)
            total += page["Count"]
            if "LastEvaluatedKey" not in page:
                return total
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def one_event(self, rounds):
        """From PutEvents to the row in the table, in ms: one event at a time."""
        self.put([self.entry("ord_warm-up")])
        self.until_told("ord_warm-up")
        took = []
        for n in range(rounds):
            order = f"ord_one-{n}"
            began = time.perf_counter()
            self.put([self.entry(order)])
            self.until_told(order)
            took.append((time.perf_counter() - began) * 1000)
        return statistics.median(took)

    def throughput(self, events):
        """Events per second, from the first PutEvents to the last row: ten entries a call, from processes of their own."""
        self.wave(20 * CLIENTS)
        before = self.count()
        began = self.wave(events)
        while self.count() < before + events:
            if time.perf_counter() > began + LIMIT:
                sys.exit(f"{self.count() - before} of {events} events arrived within {LIMIT} s")
            time.sleep(0.01)
        return events / (time.perf_counter() - began)

    def wave(self, events):
        """Sends events and waits until the last of each client is told of: the time when the first was sent."""
        start = multiprocessing.Barrier(CLIENTS + 1)
        clients, last = [], []
        wave = uuid.uuid4().hex[:8]
        for client in range(CLIENTS):
            orders = [f"ord_{wave}-{client}-{n}" for n in range(events // CLIENTS)]
            last.append(orders[-1])
            entries = [self.entry(order) for order in orders]
            clients.append(multiprocessing.Process(target=send, args=(self.endpoint, entries, start), daemon=True))
        for client in clients:
            client.start()
        start.wait()
        began = time.perf_counter()
        for client in clients:
            client.join()
            assert client.exitcode == 0, "a client failed"
        for order in last:
            self.until_told(order, LIMIT, 0.01)
        return began

    def warm_invoke(self, rounds):
        took = []
        for n in range(rounds + 5):
            began = time.perf_counter()
            assert self.wire.invoke(f"{self.name}-echo", {"n": n}) == {"n": n}
            took.append((time.perf_counter() - began) * 1000)
        return statistics.median(took[5:])

    def executions(self, count):
        """Seconds for `count` executions of a machine with one task, from the first start to the last end."""
        began = time.perf_counter()
        for n in range(count):
            self.wire.call("states", "StartExecution", stateMachineArn=self.machine, input=json.dumps({"n": n}))
        while True:
            of_machine = {"stateMachineArn": self.machine, "maxResults": 1000}
            ended = self.wire.call("states", "ListExecutions", statusFilter="SUCCEEDED", **of_machine)["executions"]
            if len(ended) == count:
                return time.perf_counter() - began
            if time.perf_counter() - began > 120:
                sys.exit(f"{len(ended)} of {count} executions succeeded within 120 s")
            time.sleep(0.005)

    def run(self, events):
        self.set_up()
        return {
            "invoke_ms": self.warm_invoke(200),
            "one_event_ms": self.one_event(50),
            "events_per_second": self.throughput(events),
            "executions_s": self.executions(100),
        }


def measured(name, server, endpoint, binaries, events):
    print(f"{name} …", file=sys.stderr, flush=True)
    numbers = {}
    try:
        if server:
            numbers |= {"boot_s": server.boot, "idle_mb": (time.sleep(1), server.memory())[1]}
        numbers |= Bench(endpoint, binaries).run(events)
        if server:
            numbers["after_mb"] = server.memory()
    finally:
        if server:
            server.stop()
    return numbers


ROWS = [
    ("boot to first answer", "boot_s", "{:.2f} s"),
    ("memory, idle", "idle_mb", "{:.0f} MB"),
    ("memory, after the run", "after_mb", "{:.0f} MB"),
    ("warm invoke of a function binary, median", "invoke_ms", "{:.2f} ms"),
    ("one event: PutEvents → rule → SQS → function → DynamoDB, median", "one_event_ms", "{:.1f} ms"),
    ("events through that path", "events_per_second", "{:.0f} /s"),
    ("100 executions of a one-task state machine", "executions_s", "{:.2f} s"),
]


def table(results):
    lines = ["| | " + " | ".join(results) + " |", "|---|" + "---|" * len(results)]
    for title, key, form in ROWS:
        cells = [form.format(numbers[key]) if key in numbers else "–" for numbers in results.values()]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", type=Path, default=ROOT / "target", help="cargo's target folder")
    parser.add_argument("--profile", default="release", help="the profile that was built: release or deploy")
    parser.add_argument("--ministack", help="the program `ministack`")
    parser.add_argument("--localstack", help="the endpoint of a LocalStack that runs")
    parser.add_argument("--events", type=int, default=2000, help="events of the throughput row")
    parser.add_argument("--rounds", type=int, default=1, help="the whole comparison this often; medians are printed")
    parser.add_argument("--json", type=Path, help="write every number there")
    options = parser.parse_args()
    binaries = options.target / options.profile
    rounds = []
    for _ in range(options.rounds):
        results = {}
        port = free_port()
        command = [binaries / "throughline", "dev", "--empty", "--port", str(port), "--invoke-port", "0"]
        environment = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir()}
        endpoint = f"http://127.0.0.1:{port}"
        server = Server(command, environment, endpoint)
        results["throughline"] = measured("throughline", server, endpoint, binaries, options.events)
        if options.ministack:
            port = free_port()
            endpoint = f"http://127.0.0.1:{port}"
            own = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AWS_ENDPOINT_URL": endpoint}
            server = Server([options.ministack], environment | own, endpoint)
            results["ministack"] = measured("ministack", server, endpoint, binaries, options.events)
        if options.localstack:
            results["LocalStack"] = measured("LocalStack", None, options.localstack, binaries, options.events)
        rounds.append(results)
    median = {
        name: {key: statistics.median(r[name][key] for r in rounds) for key in rounds[0][name]} for name in rounds[0]
    }
    print(table(median))
    if options.json:
        options.json.write_text(json.dumps(rounds, indent=2))


if __name__ == "__main__":
    main()
