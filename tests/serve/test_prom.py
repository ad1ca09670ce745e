"""The metrics that Prometheus gets: each of the table, true, and in its own format."""

import os
import subprocess
import time

import prometheus_client
import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from support.cases import cases
from support.children import wait_until
from support.crowd_scans import OWNERS, STRANGE, CrowdScanner, crowd_scan

from memc.serve import Scanner
from memc.serve.metrics import NAMES, metrics
from memc.serve.prom import OPENMETRICS, PLAIN, Collector, text
from memc.serve.samples import label

OPEN = "application/openmetrics-text"
# What a scraper says that it takes: Prometheus 2.42 and 3, and a browser
PROMETHEUS_2 = (
    f"{OPEN};version=1.0.0,{OPEN};version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
    f"encoding=delimited;q=0.6,{OPEN};version=1.0.0;escaping=allow-utf-8;q=0.5,"
    f"{OPEN};version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def scanner(*, age_s=0, failed="", **crowd):
    now_ms = int((time.time() - age_s) * 1000)
    return CrowdScanner(crowd_scan(now_ms=now_ms, **crowd), failed=failed)


def page(scanner, accept="", names="memc"):
    return text(scanner, accept, names=names)[0].decode()


def samples(page):
    """Return the value of each series: by its name, and the values of its labels."""
    found = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            key = (sample.name, *sample.labels.values())
            assert key not in found
            found[key] = sample.value
    return found


def names_of(page):
    return {key[0] for key in samples(page)}


# which type, why, what the scraper takes
ACCEPTED = [
    (PLAIN, "nothing is said", ""),
    (PLAIN, "a browser", BROWSER),
    (PLAIN, "curl", "*/*"),
    (OPENMETRICS, "Prometheus 2", PROMETHEUS_2),
    (OPENMETRICS, "Prometheus 3", PROMETHEUS_3),
    (OPENMETRICS, "no version", OPEN),
    (OPENMETRICS, "capitals and blanks", "Application/OpenMetrics-Text ; Q=1"),
    (PLAIN, "a version that is not there yet", f"{OPEN};version=2.0.0"),
    (PLAIN, "a version that is no number", f"{OPEN};version=one"),
    (OPENMETRICS, "the next best version", f"{OPEN};version=9,{OPEN};q=0.1"),
    (PLAIN, "plain is preferred", f"{OPEN};q=0.3,text/plain;q=0.7"),
    (PLAIN, "a type that is refused", f"{OPEN};q=0"),
    (PLAIN, "a weight that is no number", f"{OPEN};q=nan"),
    (PLAIN, "a weight that is too long", f"{OPEN};q=1{'0' * 400}"),
    (PLAIN, "no header at all", ",;=,;;q,\x00"),
]  # fmt: skip


@cases(ACCEPTED, why=1)
def test_scraper_gets_the_type_that_it_prefers(case):
    kind, _, accept = case
    assert text(scanner(groups=2), accept)[1] == kind


@pytest.mark.parametrize("names", NAMES)
def test_each_row_of_the_table_is_on_the_page_and_no_other(names):
    both = names_of(page(scanner(), names=names))
    both |= names_of(page(scanner(detail="smaps"), names=names))
    assert both == {metric.name for metric in metrics(names)}


def test_amounts_are_those_of_the_scan():
    crowd = scanner(strange=False, owners=2)
    found, scan = samples(page(crowd)), crowd.latest()
    first = scan.groups["service-aa"]
    assert found["memc_group_resident_bytes", "service-aa"] == first.resident_kb * 1024
    assert found["memc_group_processes", "service-aa"] == first.processes
    assert found["memc_group_mappings_max", "other"] == 300
    swap = scan.owners["service-aa", OWNERS[1]].swap_kb
    assert found["memc_owner_swap_bytes", "service-aa", OWNERS[1]] == swap * 1024
    assert found["memc_processes",] == scan.processes
    assert found["memc_processes_skipped", "denied"] == 2
    assert found["memc_scans_total",] == 7
    assert found["memc_scan_cpu_seconds_total",] == 2.84
    assert found["memc_scan_timestamp_seconds",] == scan.timestamp_ms / 1000
    assert found["memc_mappings_limit",] == 65530


def test_sum_over_groups_is_that_of_the_machine():
    crowd = scanner(groups=40)
    found = samples(page(crowd))
    told = [v for key, v in found.items() if key[0] == "memc_group_resident_bytes"]
    known = [amounts.resident_kb for amounts in crowd.latest().groups.values()]
    assert sum(told) == sum(known) * 1024


def test_what_is_not_known_is_left_out_and_counted():
    found = samples(page(scanner(strange=False)))
    assert ("memc_group_unique_bytes", "service-ad") not in found
    assert found["memc_group_unknown_processes", "service-ad", "unique"] == 1
    assert ("memc_group_unknown_processes", "service-aa", "unique") not in found
    assert ("memc_owner_swap_bytes", "service-aa", OWNERS[0]) not in found
    assert 0 not in [v for key, v in found.items() if key[0].startswith("memc_owner")]


def test_reasons_are_there_also_if_no_process_has_them():
    found = samples(page(scanner()))
    for what in ("skipped", "degraded"):
        for reason in ("denied", "gone", "error"):
            assert (f"memc_processes_{what}", reason) in found


# up, are there groups, why, the age of the last scan, the error since
STATES = [
    (1, True, "a new scan", 0, ""),
    (1, True, "nearly three intervals", 150, ""),
    (0, False, "more than three intervals", 190, ""),
    (0, True, "a scan failed since", 0, "no such folder"),
    (0, False, "no scan yet", None, ""),
    (0, False, "none went well", None, "no such folder"),
]


@cases(STATES, why=2)
def test_page_tells_whether_it_is_true_now(case):
    is_up, has_groups, _, age_s, failed = case
    crowd = CrowdScanner(failed=failed)
    if age_s is not None:
        crowd = scanner(groups=3, age_s=age_s, failed=failed)
    found = samples(page(crowd))
    assert found["memc_up",] == is_up
    assert any(key[0].startswith("memc_group") for key in found) == has_groups
    assert ("memc_scans_total",) in found
    assert (("memc_scan_timestamp_seconds",) in found) == (age_s is not None)


def test_scan_that_takes_longer_than_its_interval_is_not_stale():
    crowd = scanner(groups=3, age_s=10)
    crowd.interval_ms = 1000
    crowd.scan_now = crowd.scan_now._replace(duration_ns=10_000_000_000)
    assert samples(page(crowd))["memc_up",] == 1


@pytest.mark.parametrize("none", [0, None])
def test_one_scan_alone_is_fresh_and_has_no_interval(none):
    crowd = scanner(groups=3, age_s=10**6)
    crowd.interval_ms = none
    found = samples(page(crowd))
    assert found["memc_up",] == 1
    assert ("memc_scan_interval_seconds",) not in found


@pytest.mark.parametrize("names", NAMES)
def test_promtool_has_nothing_to_say(names):
    crowds = (scanner(), CrowdScanner(), scanner(age_s=1000), scanner(detail="smaps"))
    for crowd in crowds:
        done = subprocess.run(
            ["promtool", "check", "metrics"],
            input=page(crowd, names=names).encode(),
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("names", NAMES)
def test_openmetrics_has_the_same_series(names):
    crowd = scanner()
    found = {}
    for family in openmetrics.text_string_to_metric_families(page(crowd, OPEN, names)):
        for sample in family.samples:
            found[sample.name, *sample.labels.values()] = sample.value
    assert found == samples(page(crowd, names=names))


def test_names_that_others_chose_stay_apart_and_do_nothing_to_a_terminal():
    found = samples(page(scanner(owners=0)))
    labels = {key[1] for key in found if key[0] == "memc_group_processes"}
    assert {label(name) for name in STRANGE} <= labels
    assert all(name.isprintable() for name in labels)
    assert len(labels) == 101


# the label, why, the name
LABELS = [
    ("nginx.service", "plain", "nginx.service"),
    ('a"b\\c', "the format escapes it, not the name", 'a"b\\c'),
    ("a\\x0ab", "a line", "a\nb"),
    ("\\xff", "a byte that is not UTF-8", "\udcff"),
    ("\\x5cxff", "a name that looks like that byte", "\\xff"),
    ("\\x5cx5cxff", "a name that looks like the one before", "\\x5cxff"),
    ("\\\\x1b", "a backslash before a character of the terminal", "\\\x1b"),
    ("\\x5cu2028", "a name that looks like a mark", "\\u2028"),
    ("\\xfg", "no byte", "\\xfg"),
]


@cases(LABELS, why=1)
def test_label_is_printable_and_of_one_name_only(case):
    expected, _, name = case
    assert label(name) == expected


def test_page_is_made_once_for_each_scan():
    crowd = scanner(groups=3)
    collector = Collector(crowd)
    first, _ = collector.text()
    assert collector.text()[0] is first
    assert collector.text(OPEN)[0] is not first
    assert collector.text()[0] is first
    crowd.scan_now = crowd.scan_now._replace(processes=1)
    assert samples(collector.text()[0].decode())["memc_processes",] == 1
    crowd.failed = "no such folder"
    assert samples(collector.text()[0].decode())["memc_up",] == 0


def test_dashboards_of_process_exporter_find_its_names():
    found = samples(page(scanner(strange=False), names="process-exporter"))
    name = "namedprocess_namegroup_"
    assert found[name + "num_procs", "service-aa"] == 1
    assert found[name + "num_threads", "service-aa"] == 3
    assert found[name + "memory_bytes", "service-aa", "resident"] == 4_096_000_000
    assert found[name + "memory_bytes", "service-aa", "proportionalSwapped"] > 0
    assert (name + "memory_bytes", "service-af", "swapped") not in found
    assert found["memc_group_unknown_processes", "service-af", "swap"] == 1
    assert ("memc_group_unknown_processes", "service-af", "unique") not in found
    assert found[name + "oldest_start_time_seconds", "service-aa"] < time.time() - 3600
    assert not [key for key in found if key[0] == "memc_group_resident_bytes"]
    assert found["memc_up",] == 1


def test_registry_starts_a_scanner_that_never_scanned():
    scanner = Scanner(pid=os.getpid())
    registry = prometheus_client.CollectorRegistry()
    registry.register(Collector(scanner))
    assert not scanner.is_running()
    assert "memc_up" in names_of(prometheus_client.generate_latest(registry).decode())
    wait_until(lambda: scanner.latest() or scanner.failed)
    scanner.stop()
    found = samples(prometheus_client.generate_latest(registry).decode())
    assert (scanner.failed, scanner.is_running()) == ("", False)
    assert found["memc_processes",] == 1


@pytest.mark.parametrize("names", NAMES)
def test_page_never_has_more_series_than_it_may(names):
    scanner = Scanner(owners=True, groups=5, max_series=100, group="name")
    scanner.scan()
    assert len(samples(page(scanner, names=names))) <= 100


def test_service_that_exports_itself_adds_it_to_its_own_registry():
    registry = prometheus_client.CollectorRegistry()
    prometheus_client.Gauge("own", "Of the service.", registry=registry).set(3)
    registry.register(Collector(scanner(groups=5, strange=False)))
    found = samples(prometheus_client.generate_latest(registry).decode())
    assert found["own",] == 3
    assert found["memc_group_processes", "service-aa"] == 1
    with pytest.raises(ValueError, match="Duplicated"):
        registry.register(Collector(scanner(groups=5)))
