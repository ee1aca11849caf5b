#!/usr/bin/env python3
"""What the runner costs, measured from the outside: this script is the Runtime API, and a DynamoDB that answers at once.

usage: overhead.py [--target DIR] [--profile release|deploy] [--starts N] [--invocations N] [--json FILE]

Warm: batches of ten records through `timed` (everything the runner does, journal on standard output, a connector that answers by
itself), from the last byte of the invocation sent to the first byte of its answer, less the time inside the SDK's send(), which
the function reports. Next to it `echo`, which does nothing: what the Runtime API's client and the loopback cost anybody.

Start: from spawning the process to its first batch answered, of `batch` and of `bare`, turn by turn: the same SDK clients, the
same requests, over TCP. Prints medians as a Markdown table; docs/performance.md holds the last one.

needs: cargo build --profile deploy -p throughline-runtime --examples, for --profile deploy
"""

import argparse
import json
import os
import queue
import socket
import statistics
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BATCH_ANSWER = {"batchItemFailures": []}


def read_request(connection, buffer):
    """One HTTP request: its first line, its body, and what came behind it."""
    while b"\r\n\r\n" not in buffer:
        more = connection.recv(65536)
        if not more:
            return None, None, b""
        buffer += more
    head, _, rest = buffer.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(rest) < length:
        rest += connection.recv(65536)
    return head.split(b"\r\n", 1)[0].decode(), rest[:length], rest[length:]


def answer(status, body=b"", headers=()):
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "content-type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Listener:
    """Serves connections, one thread each, by a method `serve(line, body, connection)`."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        buffer = b""
        try:
            while True:
                line, body, buffer = read_request(connection, buffer)
                if line is None:
                    return
                self.serve(line, body, connection)
        except OSError:
            return


class DynamoDb(Listener):
    """Says yes to everything."""

    def __init__(self):
        self.requests = 0
        super().__init__()

    def serve(self, _line, _body, connection):
        self.requests += 1
        connection.sendall(answer("200 OK", b"{}"))


class RuntimeApi(Listener):
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, as far as a function that succeeds needs it."""

    def __init__(self):
        self.waiting = queue.Queue()
        self.answers = queue.Queue()
        self.sent_at = 0.0
        super().__init__()

    def serve(self, line, body, connection):
        arrived = time.perf_counter()
        if line.startswith("GET") and line.split()[1].endswith("/invocation/next"):
            payload = self.waiting.get()
            deadline = int((time.time() + 30) * 1000)
            headers = (
                "lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                f"lambda-runtime-deadline-ms: {deadline}",
                "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:000000000000:function:notify",
                "lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
            )
            message = answer("200 OK", payload, headers)
            self.sent_at = time.perf_counter()
            connection.sendall(message)
            return
        connection.sendall(answer("202 Accepted"))
        self.answers.put((line, arrived, body))

    def invoke(self, payload):
        """Seconds from the invocation sent to the answer received, and when that was."""
        self.waiting.put(payload)
        line, arrived, body = self.answers.get(timeout=30)
        assert line.split()[1].endswith("/response"), f"{line}: {body.decode()}"
        return arrived - self.sent_at, arrived, json.loads(body)


class Function:
    """A process of an example, ready to be invoked."""

    def __init__(self, program, dynamodb, stderr=subprocess.DEVNULL):
        self.api = RuntimeApi()
        variables = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.port}",
            "AWS_LAMBDA_FUNCTION_NAME": "notify",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_LAMBDA_LOG_GROUP_NAME": "group",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{dynamodb.port}",
            "THROUGHLINE_IDEMPOTENCY_TABLE": "bench-idempotency",
            "THROUGHLINE_TABLE_NOTICES": "bench-notices",
        }
        self.spawned = time.perf_counter()
        self.process = subprocess.Popen([program], env=variables, stdout=subprocess.DEVNULL, stderr=stderr)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.api.socket.close()


def examples(target, profile):
    folder = Path(target) / profile / "examples"
    return {name: str(folder / name) for name in ("batch", "bare", "timed", "echo")}


def warm(programs, payload, invocations, dynamodb):
    timed = Function(programs["timed"], dynamodb, stderr=subprocess.PIPE)
    echo = Function(programs["echo"], dynamodb)
    outside, whole, nothing = [], [], []
    for number in range(invocations + 100):
        took, _, body = timed.api.invoke(payload)
        assert body == BATCH_ANSWER, body
        inside, requests = map(int, timed.process.stderr.readline().split())
        assert requests == 10, requests
        idle, _, _ = echo.api.invoke(payload)
        if number >= 100:
            outside.append(took * 1000 - inside / 1e6)
            whole.append(took * 1000)
            nothing.append(idle * 1000)
    timed.stop()
    echo.stop()
    return {"whole": statistics.median(whole), "outside": statistics.median(outside), "echo": statistics.median(nothing)}


def start(program, payload, dynamodb):
    before = dynamodb.requests
    function = Function(program, dynamodb)
    _, arrived, body = function.api.invoke(payload)
    assert body == BATCH_ANSWER, body
    assert dynamodb.requests - before == 10, dynamodb.requests - before
    function.stop()
    return (arrived - function.spawned) * 1000


def starts(programs, payload, times, dynamodb):
    took = {"batch": [], "bare": []}
    for _ in range(times):
        for name in took:
            took[name].append(start(programs[name], payload, dynamodb))
    return {name: statistics.median(values) for name, values in took.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default=os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--profile", choices=["release", "deploy"], default="release")
    parser.add_argument("--starts", type=int, default=50)
    parser.add_argument("--invocations", type=int, default=3000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    programs = examples(options.target, options.profile)
    payload = subprocess.run([programs["timed"], "batch"], check=True, capture_output=True).stdout
    dynamodb = DynamoDb()
    measured = {
        "warm": warm(programs, payload, options.invocations, dynamodb),
        "start": starts(programs, payload, options.starts, dynamodb),
    }
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2) + "\n")
    warmed, started = measured["warm"], measured["start"]
    print("| median | |")
    print("|---|---|")
    print(f"| a warm batch of ten: invocation sent to answer received | {warmed['whole']:.3f} ms |")
    print(f"| the same without the time inside `send()` | {warmed['outside']:.3f} ms |")
    print(f"| a function that does nothing, same payload | {warmed['echo']:.3f} ms |")
    print(f"| process start to first batch answered, throughline | {started['batch']:.1f} ms |")
    print(f"| process start to first batch answered, bare | {started['bare']:.1f} ms |")
    print(f"| ratio | {started['batch'] / started['bare']:.2f} |")


if __name__ == "__main__":
    main()
