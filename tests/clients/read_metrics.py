"""Reads metrics from standard input with the parser of Prometheus' own client library, and prints
them as JSON: [[name, labels, value], ...]. The argument says which of its two formats it is."""

import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

parse = {"prometheus": parser, "openmetrics": openmetrics}[sys.argv[1]]
families = parse.text_string_to_metric_families(sys.stdin.read())
samples = [sample for family in families for sample in family.samples]
print(json.dumps([[sample.name, sample.labels, sample.value] for sample in samples]))
