"""What Lambda's own lines look like, and which log group and stream a function's lines go to.

LocalStack accepts `LoggingConfig` and ignores its log group and its format; the journal of this project is made of both.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

import json
from datetime import UTC, date, datetime


def log_group(function_version) -> str:
    default = f"/aws/lambda/{function_version.id.function_name}"
    return function_version.config.logging_config.get("LogGroup") or default


def log_stream(function_version, environment_id: str) -> str:
    """In a group that a function shares with others its name is a part of the stream's."""
    shared = function_version.config.logging_config.get("LogGroup")
    name = function_version.id.function_name if shared else ""
    return f"{date.today():%Y/%m/%d}/{name}[{function_version.id.qualifier}]{environment_id}"


def started(function_version, request_id: str) -> str:
    version = function_version.id.qualifier
    if is_json(function_version):
        return system_line(function_version, "platform.start", {"requestId": request_id, "version": version})
    return f"START RequestId: {request_id} Version: {version}\n"


def ended(function_version, request_id: str, metrics: dict, status: str) -> str:
    """The bill: `metrics` by their names in the JSON format."""
    if is_json(function_version):
        record = {"requestId": request_id, "metrics": metrics, "status": status}
        return system_line(function_version, "platform.report", record)
    line = (
        f"REPORT RequestId: {request_id}\tDuration: {metrics['durationMs']:.2f} ms\t"
        f"Billed Duration: {metrics['billedDurationMs']} ms\tMemory Size: {metrics['memorySizeMB']} MB\t"
        f"Max Memory Used: {metrics['maxMemoryUsedMB']} MB\t"
    )
    if "initDurationMs" in metrics:
        line += f"Init Duration: {metrics['initDurationMs']:.2f} ms\t"
    if status != "success":
        line += f"Status: {status}"
    return f"END RequestId: {request_id}\n{line}\n"


def is_json(function_version) -> bool:
    return function_version.config.logging_config.get("LogFormat") == "JSON"


def system_line(function_version, kind: str, record: dict) -> str:
    """A line of level INFO, or of level WARN for what went wrong, where the function's system log level lets it through."""
    shown = {"WARN": 2, "DEBUG": 0}.get(function_version.config.logging_config.get("SystemLogLevel"), 1)
    level = 1 if record.get("status", "success") == "success" else 2
    if level < shown:
        return ""
    return json.dumps({"time": now(), "type": kind, "record": record}) + "\n"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
