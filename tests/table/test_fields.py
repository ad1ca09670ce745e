"""The lists that exist twice, in C and in Python, and their names."""

import os

import pytest
from support import documents, oracle
from support.readers import NATIVE

from memc.pure import pagemap as _pages
from memc.read.native_columns import type_names
from memc.table import fields


def test_python_has_the_fields_of_the_c_core_in_the_same_order():
    assert NATIVE.fields() == fields.FIELDS


def test_python_has_the_types_of_the_c_core_in_the_same_order():
    assert type_names() == fields.TYPES


def test_fields_are_in_the_order_of_the_design():
    assert [name for _, name, _ in fields.FIELDS] == documents.KERNEL_ORDER
    assert documents.COUNTERS == fields.COUNTERS


def test_python_has_the_details_of_the_c_core():
    assert NATIVE.DETAILS.keys() == fields.DETAILS.keys()
    shown = {name: fields.DETAILS[name] for name in documents.SHOWN}
    assert shown == documents.SHOWN
    assert [*fields.PAGES] == documents.PAGES


@pytest.mark.parametrize("detail", _pages.DETAILS)
def test_python_has_the_columns_of_pages_of_the_c_core_in_the_same_order(detail):
    columns = NATIVE.collect(os.getpid(), detail, "/proc").columns
    expected = _pages.DETAILS[detail]
    assert [*columns][len(fields.CORE) :] == [*expected]
    assert set(expected) <= {*documents.KERNEL_ORDER, *fields.PAGES}


def test_python_has_the_totals_of_the_c_core_in_the_same_order():
    names = [name for name, _ in fields.TOTALS]
    assert list(NATIVE.collect(os.getpid(), "rollup", "/proc").totals) == names
    assert list(NATIVE.collect(os.getpid(), "totals", "/proc").totals) == names[:15]


@pytest.mark.parametrize(("key", "name", "is_kb"), fields.FIELDS)
def test_name_of_a_field_follows_from_its_key(key, name, is_kb):
    assert name == oracle.column_name(key, is_kb=is_kb)


def test_no_name_is_given_twice():
    names = [*fields.CORE, *(name for _, name, _ in fields.FIELDS), *fields.PAGES]
    assert len(set(names)) == len(names)
