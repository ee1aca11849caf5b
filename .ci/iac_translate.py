"""Translates the SAM template to plain CloudFormation and validates the result. Offline.

usage: iac_translate.py TEMPLATE OUT

SAM translation wants uploaded code, as `sam package` leaves it, so code folders become addresses in a bucket and the state
machine's definition is put into the template, where its content is checked too.
"""

import json
import logging
import pathlib
import sys

from cloudformation_validate import CompositeEngine, ReportStatus, Severity, ValidateConfig
from samtranslator.parser.parser import Parser
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

# What the translator attaches by name; in the cloud it asks IAM for this list.
MANAGED_POLICIES = {
    name: f"arn:aws:iam::aws:policy/service-role/{name}"
    for name in (
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
    )
}


class Session:
    """As much of a boto3 session as the translator asks for."""

    region_name = "us-east-1"


def is_local(place) -> bool:
    return isinstance(place, str) and not place.startswith("s3://")


def packaged(template_path: pathlib.Path) -> dict:
    template = yaml_parse(template_path.read_text())
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function" and is_local(properties.get("CodeUri")):
            properties["CodeUri"] = f"s3://packaged/{logical_id}"
        if is_local(properties.get("DefinitionUri")):
            definition = template_path.parent / properties.pop("DefinitionUri")
            properties["Definition"] = json.loads(definition.read_text())
    return template


def translated(template: dict, parameters: dict) -> dict:
    translator = Translator(MANAGED_POLICIES, Parser(), boto_session=Session())
    return translator.translate(template, parameters)


def complaints(path: pathlib.Path, parameters: dict) -> list:
    # INFO is advice that holds for every stack ("a name is create-only", "could have tags"); all else must be mended.
    config = ValidateConfig(parameter_overrides=parameters, severity_level=Severity.WARN)
    report = CompositeEngine().validate_template(str(path), config)
    found = [
        f"{d.severity.name} {d.rule_id} {d.entity.logical_id if d.entity else '-'}: {d.message}"
        for d in report.diagnostics
    ]
    if report.status is not ReportStatus.OK:
        found.append(f"the analysis ended as {report.status.name}")
    return found


def main() -> int:
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # "unpublished metrics" is about its own telemetry
    template_path, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    found = []
    for environment in ("dev", "prod"):
        for archive in ("on", "off"):
            parameters = {
                "Environment": environment,
                "Archive": archive,
                "Architecture": "arm64",
                "PaymentGatewayUrl": "https://payments.example",
            }
            try:
                template = translated(packaged(template_path), dict(parameters))
            except InvalidDocumentException as error:
                print("SAM translation failed:", *(cause.message for cause in error.causes), sep="\n  ", file=sys.stderr)
                return 1
            out.write_text(json.dumps(template, indent=2))
            found += [f"{environment}, archive {archive}: {c}" for c in complaints(out, parameters)]
    if found:
        print(*found, sep="\n", file=sys.stderr)
    print(f"{len(template['Resources'])} resources after translation, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
