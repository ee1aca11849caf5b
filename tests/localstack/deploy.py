"""Deploys infra/template.yaml with this checkout's function binaries through CloudFormation, at any endpoint that has it.

usage: deploy.py --endpoint URL --binaries FOLDER --payments URL [--stack NAME] [--log FILE]

It does what `sam package` and `sam deploy` do, in two seconds instead of a minute: code goes to a bucket, the template with
the code's addresses becomes a change set, and the change set is executed. A stack of that name is deleted first. With --log,
the log of LocalStack, it fails when LocalStack pretended to make a resource of a type that it does not have.
"""

import argparse
import io
import json
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

import boto3
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra/template.yaml"
PRETENDED = "No resource provider found"


def intrinsic(loader, tag, node):
    """`!Sub x` as `{"Fn::Sub": x}`: JSON has no tags."""
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's tags. Dates stay text."""


Template.add_multi_constructor("!", intrinsic)
Template.add_constructor("tag:yaml.org,2002:timestamp", Template.construct_yaml_str)


def zipped(binary):
    """The binary without its symbols, as `bootstrap` in a zip."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "bootstrap"
        shutil.copy(binary, stripped)
        if shutil.which("strip"):
            subprocess.run(["strip", str(stripped)], check=True)
        entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o100755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w", compresslevel=1) as archive:
            archive.writestr(entry, stripped.read_bytes(), compresslevel=1)
    return into.getvalue()


def packaged(s3, bucket, binaries):
    """The template; its code and its state machines are in the bucket."""
    template = yaml.load(TEMPLATE.read_text(), Template)
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            name = pathlib.PurePath(properties["CodeUri"]).name
            s3.put_object(Bucket=bucket, Key=f"{name}.zip", Body=zipped(binaries / name))
            properties["CodeUri"] = {"Bucket": bucket, "Key": f"{name}.zip"}
        if "DefinitionUri" in properties:
            definition = TEMPLATE.parent / properties["DefinitionUri"]
            s3.put_object(Bucket=bucket, Key=definition.name, Body=definition.read_bytes())
            properties["DefinitionUri"] = {"Bucket": bucket, "Key": definition.name}
    return template


def wait(what, status, done):
    """Asks until the answer is one of `done`; any other final answer ends the deployment."""
    deadline = time.monotonic() + 240
    while True:
        now, reason = status()
        if now in done:
            return
        if now.endswith("FAILED") or now == "ROLLBACK_COMPLETE":
            sys.exit(f"deploy: {what}: {now}: {reason}")
        if time.monotonic() > deadline:
            sys.exit(f"deploy: {what} is still {now} after 240 s")
        time.sleep(0.3)


def explain(cloudformation, stack):
    """Why resources failed, first cause first."""
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    for event in reversed(events):
        if event["ResourceStatus"].endswith("FAILED"):
            print(f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}", file=sys.stderr)


def delete(cloudformation, stack):
    """Takes away what an earlier run left, so that a deployment is always one from nothing."""

    def gone():
        stacks = [s for s in cloudformation.describe_stacks()["Stacks"] if s["StackName"] == stack]
        if not stacks:
            return "DELETE_COMPLETE", None
        return stacks[0]["StackStatus"], stacks[0].get("StackStatusReason")

    if gone()[0] != "DELETE_COMPLETE":
        cloudformation.delete_stack(StackName=stack)
        wait("deleting the old stack", gone, ["DELETE_COMPLETE"])


def deploy(cloudformation, stack, template_url, parameters):
    delete(cloudformation, stack)
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateURL=template_url,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )

    def change_set():
        answer = cloudformation.describe_change_set(StackName=stack, ChangeSetName="first")
        return answer["Status"], answer.get("StatusReason")

    def stack_status():
        answer = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        return answer["StackStatus"], answer.get("StackStatusReason")

    wait("the change set", change_set, ["CREATE_COMPLETE"])
    cloudformation.execute_change_set(StackName=stack, ChangeSetName="first")
    try:
        wait("the stack", stack_status, ["CREATE_COMPLETE"])
    except SystemExit:
        explain(cloudformation, stack)
        raise


def pretended(log):
    """The lines of the log about resource types that LocalStack does not have."""
    if log is None:
        return []
    return [line for line in log.read_text(errors="replace").splitlines() if PRETENDED in line]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--endpoint", required=True)
    arguments.add_argument("--binaries", required=True, type=pathlib.Path)
    arguments.add_argument("--payments", required=True)
    arguments.add_argument("--stack", default="orders")
    arguments.add_argument("--log", type=pathlib.Path)
    options = arguments.parse_args()

    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=options.endpoint)
    cloudformation = session.client("cloudformation", endpoint_url=options.endpoint)
    began = time.monotonic()
    bucket = f"{options.stack}-code"
    s3.create_bucket(Bucket=bucket)
    template = packaged(s3, bucket, options.binaries)
    s3.put_object(Bucket=bucket, Key="template.json", Body=json.dumps(template).encode())
    uploaded = time.monotonic()
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    parameters = {"PaymentGatewayUrl": options.payments, "Architecture": machine}
    deploy(cloudformation, options.stack, f"{options.endpoint}/{bucket}/template.json", parameters)
    resources = cloudformation.describe_stack_resources(StackName=options.stack)["StackResources"]
    print(
        f"deployed {options.stack}: {len(resources)} resources"
        f" (upload {uploaded - began:.1f} s, stack {time.monotonic() - uploaded:.1f} s)",
        file=sys.stderr,
    )
    if lines := pretended(options.log):
        sys.exit("deploy: LocalStack only pretended to make some resources:\n  " + "\n  ".join(lines))


if __name__ == "__main__":
    main()
