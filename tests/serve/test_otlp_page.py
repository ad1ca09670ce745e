"""docs/monitoring.md tells what `memc push` sends and obeys as the code does."""

import re

import pytest
from support.corpus import CHECKOUT
from support.manual import PAGES, rows, words

from memc.serve.identity import K8S, attributes
from memc.serve.instruments import INSTRUMENTS

PAGE = PAGES["docs/monitoring.md"]
BASE = "OTEL_EXPORTER_OTLP_"


def test_table_of_instruments_is_that_of_the_code():
    head = "instrument | kind | unit | attributes | meaning"
    told = [
        (*words(name), kind, *words(unit), tuple(words(found)), meaning)
        for name, kind, unit, found, meaning in rows(PAGE, head)
    ]
    assert told == [
        (
            one.name,
            "sum" if one.is_sum else "gauge",
            one.unit,
            one.attributes,
            one.description,
        )
        for one in INSTRUMENTS
    ]


def test_table_of_the_resource_has_every_attribute():
    told = {
        name
        for cell, _ in rows(PAGE, "attribute of the resource | what it is")
        for name in words(cell)
    }
    found = attributes(dict.fromkeys(K8S, "x"), "/proc", machine_id=__file__)
    assert told == {*found, "service.version"}


def test_table_of_variables_has_those_that_are_read():
    told = {
        name for cell, _ in rows(PAGE, "variable | meaning") for name in words(cell)
    }
    code = (CHECKOUT / "memc/serve/receiver.py").read_text()
    read = re.findall(r'(?:_of|_check)\(environ, "(\w+)"', code)
    assert {BASE + word for word in read} == {
        name for name in told if name.startswith(BASE)
    }


@pytest.mark.parametrize("name", sorted(K8S))
def test_variables_of_a_pod_are_named(name):
    assert name in PAGE
