"""Holds the local cloud's SAM transform against AWS's translator: the same resources, property for property.

usage: iac_compare.py TEMPLATE... -- COMMAND...

COMMAND reads a packaged template from standard input and writes what the local cloud makes of it.
"""

import json
import logging
import pathlib
import subprocess
import sys

from iac_translate import packaged, translated

PARAMETERS = {
    "Environment": "dev",
    "Archive": "on",
    "Architecture": "arm64",
    "PaymentGatewayUrl": "https://payments.example",
    "Stage": "dev",
}


def plain(value):
    """The value as JSON has it."""
    return json.loads(json.dumps(value))


def differences(theirs, ours, path=""):
    if type(theirs) is not type(ours):
        yield f"{path}: {theirs!r} became {ours!r}"
    elif isinstance(theirs, dict):
        for key in theirs.keys() | ours.keys():
            if key not in ours:
                yield f"{path}/{key} is missing"
            elif key not in theirs:
                yield f"{path}/{key} should not be there"
            else:
                yield from differences(theirs[key], ours[key], f"{path}/{key}")
    elif isinstance(theirs, list):
        if len(theirs) != len(ours):
            yield f"{path}: {len(theirs)} items became {len(ours)}: {theirs!r} {ours!r}"
        for at, pair in enumerate(zip(theirs, ours)):
            yield from differences(*pair, f"{path}/{at}")
    elif theirs != ours:
        yield f"{path}: {theirs!r} became {ours!r}"


def main() -> int:
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # "unpublished metrics" is about its own telemetry
    at = sys.argv.index("--")
    templates, command = sys.argv[1:at], sys.argv[at + 1 :]
    found = []
    for template in templates:
        source = plain(packaged(pathlib.Path(template)))
        declared = {name: value for name, value in PARAMETERS.items() if name in source.get("Parameters", {})}
        theirs = plain(translated(json.loads(json.dumps(source)), declared))
        run = subprocess.run(command, input=json.dumps(source), capture_output=True, text=True, check=False)
        if run.returncode:
            print(f"{template}: {run.stderr}", file=sys.stderr)
            return 1
        ours = json.loads(run.stdout)
        found += [f"{template}: {difference}" for difference in differences(theirs, ours)]
        print(f"{template}: {len(theirs['Resources'])} resources compared")
    print(*sorted(found), sep="\n", file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
