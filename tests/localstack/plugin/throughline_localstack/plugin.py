"""What LocalStack loads of this package: the entry points that pyproject.toml names."""
import os

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
def use_logging_configuration():
    """LocalStack accepts a function's LoggingConfig and writes to /aws/lambda/NAME all the same."""
    from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment

    from throughline_localstack import lambda_logs

    ExecutionEnvironment.get_log_group_name = lambda self: lambda_logs.log_group(self.function_version)
    ExecutionEnvironment.get_log_stream_name = lambda self: lambda_logs.log_stream(self.function_version, self.id)


@hooks.on_infra_start(priority=100)  # before eager_load_services
def fix_streams_of_subscribed_groups():
    """A log stream in a group that has a subscription filter: LocalStack makes it and answers 500 (TypeError: 'dict_values'
    object is not subscriptable), and what Lambda wanted to write into it is lost."""
    from moto.logs.models import LogGroup, SubscriptionFilter

    SubscriptionFilter.__getitem__ = lambda self, name: self.to_json()[name]
    filters = LogGroup.describe_subscription_filters
    LogGroup.describe_subscription_filters = lambda self: list(filters(self))


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
