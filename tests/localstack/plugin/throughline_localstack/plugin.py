"""Plux plugins that let LocalStack 4.x run in host mode without Docker and without downloads."""
import os
import warnings

import typing_extensions

# LocalStack 4.14 says that it runs on Python 3.10 and newer, but imports a name that 3.13 introduced.
if not hasattr(warnings, "deprecated"):
    warnings.deprecated = typing_extensions.deprecated

from localstack.runtime import hooks
from localstack.services.cloudformation.resource_provider import CloudFormationResourceProviderPlugin
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    """Chosen with LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *args, **kwargs):
        from throughline_localstack.executor import ProcessRuntimeExecutor

        return ProcessRuntimeExecutor


class EventsArchiveProviderPlugin(CloudFormationResourceProviderPlugin):
    name = "AWS::Events::Archive"

    def __init__(self):
        self.factory = None

    def load(self):
        from throughline_localstack.events_archive import EventsArchiveProvider

        self.factory = EventsArchiveProvider


@hooks.on_infra_start(priority=100)  # before eager_load_services
def use_seeded_dynamodb_local():
    """DYNAMODB_LOCAL_HOME=<dir holding DynamoDBLocal.jar> replaces LocalStack's own download (jar, JDK 21,
    javassist and the >20-GSI agent) by that jar on the machine's java (17 or newer)."""
    home = os.environ.get("DYNAMODB_LOCAL_HOME")
    if not home:
        return
    from localstack.services.dynamodb.packages import DynamoDBLocalPackageInstaller
    from localstack.services.dynamodb.server import DynamodbServer

    if not os.path.exists(os.path.join(home, "DynamoDBLocal.jar")):
        raise FileNotFoundError(f"no DynamoDBLocal.jar in DYNAMODB_LOCAL_HOME={home}")
    DynamoDBLocalPackageInstaller.get_installed_dir = lambda self: home
    DynamoDBLocalPackageInstaller.get_java_env_vars = lambda self: {}
    command = DynamodbServer._create_shell_command
    DynamodbServer._create_shell_command = lambda self: [
        arg for arg in command(self) if not arg.startswith("-javaagent:")
    ]


@hooks.on_infra_start(priority=100)  # before eager_load_services
def fix_events_replay():
    """LocalStack 4.7 to 2026.3 archive an event with its time as a string, but StartReplay calls datetime methods
    on it and answers 500 (TypeError: replace() takes at least 2 positional arguments)."""
    from datetime import UTC, datetime

    from localstack.services.events.archive import ArchiveService

    put_events = ArchiveService.put_events

    def with_datetimes(self, events):
        put_events(
            self,
            [
                {**e, "time": datetime.strptime(e["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)}
                if isinstance(e["time"], str)
                else e
                for e in events
            ],
        )

    ArchiveService.put_events = with_datetimes


@hooks.on_infra_start(priority=100)  # before eager_load_services
def use_python_jsonata():
    """Evaluates JSONata of Step Functions with the PyPI package jsonata-python, where it is installed, instead of
    the jar and JDK 21 that LocalStack would download."""
    try:
        from jsonata import Jsonata
    except ImportError:
        return
    from localstack.services.stepfunctions.asl.jsonata import jsonata as module

    def evaluate(expression):
        try:
            return Jsonata(expression).evaluate(None)
        except Exception as e:
            raise module.JSONataException("UNKNOWN", str(e)) from e

    module._eval_jsonata = evaluate
