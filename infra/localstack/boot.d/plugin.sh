#!/usr/bin/env bash
# Runs in the container before LocalStack: installs the plugin into LocalStack's own environment, which is the active one.
set -euo pipefail
cp -r /opt/throughline/plugin /tmp/throughline-plugin
pip install --quiet --no-deps --no-build-isolation /tmp/throughline-plugin
