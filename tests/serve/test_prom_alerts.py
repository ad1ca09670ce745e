"""The alert rules fire when they must, and only then: promtool tries them."""

import json
import re
import subprocess

from memc.serve.shipping import shipped


def of(name, values, **labels):
    """Return a series of the host, with a value for each four minutes."""
    labels = {"job": "memc", "instance": "h:9917", **labels}
    told = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return {"series": f"{name}{{{told}}}", "values": values}


def rss(values, group="web"):
    return of("memc_group_resident_bytes", values, group=group)


def swap(values):
    return of("memc_group_swap_bytes", values, group="web")


def skipped(reason):
    return of("memc_processes_skipped", "50x99", reason=reason)


def mappings(values):
    return of("memc_group_mappings_max", values, group="web")


LONGEST, LIMIT = "memc_scan_longest_read_seconds", "memc_mappings_limit"
LIMITS = [of(LIMIT, "65530x99"), of(LIMIT, "9000x99", instance="i")]
NEAR = "GroupNearMappingsLimit"
# The alert, does it fire, why, after how many hours, the series
ALERTS = [
    ("MemcDown", True, "no scrape", 1, of("up", "0x99")),
    ("MemcDown", False, "scraped", 1, of("up", "1x99")),
    ("MemcDown", False, "another job", 1, of("up", "0x99", job="web")),
    ("MemcStale", True, "no scan", 1, of("memc_up", "0x99")),
    ("MemcStale", False, "one scan failed", 1, of("memc_up", "1x14 0 1x99")),
    ("MemcHoldsUp", True, "a second", 1, of(LONGEST, "1x99")),
    ("MemcHoldsUp", False, "30 ms", 1, of(LONGEST, "0.03x99")),
    ("MemcDenied", True, "half", 2, skipped("denied"), of("memc_processes", "50x99")),
    ("MemcDenied", False, "ended", 2, skipped("gone"), of("memc_processes", "50x99")),
    ("MemcDenied", False, "few", 2, skipped("denied"), of("memc_processes", "950x99")),
    ("MemcLeavesOut", True, "some", 2, of("memc_series_left_out", "7x99")),
    ("MemcLeavesOut", False, "none", 2, of("memc_series_left_out", "0x99")),
    ("GroupMayLeak", True, "100 MB an hour", 10, rss("1000000000+6800000x200")),
    ("GroupMayLeak", False, "it is large", 10, rss("9000000000x200")),
    ("GroupMayLeak", False, "it began now", 3, rss("1000000000+36000000x200")),
    ("GroupMayLeak", False, "it is small", 10, rss("1000000+680000x200")),
    ("GroupMayLeak", False, "no group", 10, rss("1000000000+6800000x200", "other")),
    ("GroupSwapsOut", True, "600 MB an hour", 2, swap("0+40000000x99")),
    ("GroupSwapsOut", False, "long ago", 6, swap("9000000000x99")),
    (NEAR, True, "90 %", 1, mappings("59000x99"), *LIMITS),
    (NEAR, False, "another host may have less", 1, mappings("9000x99"), *LIMITS),
]  # fmt: skip


def test_each_alert_is_tried():
    named = re.findall(r"alert: (\w+)", shipped("rules"))
    for fires in (True, False):
        assert {case[0] for case in ALERTS if case[1] is fires} == set(named)


def test_alerts_fire_when_they_must_and_only_then(tmp_path):
    """All cases in one run, each in a Prometheus of its own."""
    (tmp_path / "rules.yml").write_text(shipped("rules"))
    tests = []
    for name, fires, why, hours, *series in ALERTS:
        firing = f'ALERTS{{alertname="{name}",alertstate="firing"}}'
        ask = {
            "expr": f"count({firing}) or vector(0)",
            "eval_time": f"{hours}h",
            "exp_samples": [{"labels": "{}", "value": int(fires)}],
        }
        tests.append(
            {
                "name": f"{name}: {why}",
                "interval": "4m",
                "input_series": series,
                "promql_expr_test": [ask],
            }
        )
    path = tmp_path / "tests.yml"
    head = {"rule_files": ["rules.yml"], "evaluation_interval": "4m"}
    path.write_text(json.dumps({**head, "tests": tests}))
    done = subprocess.run(
        ["promtool", "test", "rules", str(path)], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
