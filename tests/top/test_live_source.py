"""What memc top tells of living processes: of those that the tests start."""

import json
import os
import resource
import time

import pytest
from support import children
from support.cases import cases
from support.obeying import Child
from support.recorded import NAMESPACE

from memc.errors import AccessDenied, ProcessGone
from memc.record import taking
from memc.targets.choice import Choice
from memc.top.live import LiveSource
from memc.top.live_details import KEPT
from memc.top.view import View

PR_SET_NAME = 15
BALLAST = 8 << 20
GROW = "kept = globals().setdefault('kept', []); kept.append(b'x' * (4 << 20))"
NAME = "import ctypes; ctypes.CDLL(None).prctl(15, {!r}, 0, 0, 0)"


def chosen(*pids, **more):
    choice = Choice()
    choice.pids = [*pids]
    for name, value in more.items():
        setattr(choice, name, value)
    return choice


@pytest.fixture
def look(request):
    """Give a function: a source of these pids, which is closed in the end."""

    def make(*pids, source=None, **options):
        source = LiveSource(source or chosen(*pids), **options)
        request.addfinalizer(source.close)
        return source

    return make


@pytest.fixture
def child():
    child = Child()
    yield child
    child.close()


def only(source):
    (line,) = source.look().lines
    return line


@pytest.mark.parametrize(
    ("interval_ms", "minutes"), [(100, 5), (5000, 5), (30_000, 30)]
)
def test_a_history_tells_how_long_it_is(interval_ms, minutes, look):
    view = View()
    look(os.getpid(), interval_ms=interval_ms, view=view)
    assert view.minutes == minutes


def amounts(pid):
    with open(f"/proc/{pid}/status") as file:
        rows = dict(row.split(":", 1) for row in file)
    names = "VmRSS", "RssAnon", "RssFile", "RssShmem", "VmSwap"
    return [int(rows[name].split()[0]) for name in names]


def test_a_line_has_what_status_tells(look):
    with children.script("holder") as child:
        source = look(child.pid)

        def is_same():
            line = only(source)
            told = line.rss_kb, line.anon_kb, line.file_kb, line.shmem_kb, line.swap_kb
            return line.state == "S" and [*told] == amounts(child.pid)

        children.wait_until(is_same)  # it said that it is ready a moment ago
        line = only(source)
        assert (line.pid, line.ppid) == (child.pid, os.getpid())
        assert "holder.py" in line.cmdline
        assert line.user
        assert line.service
        assert not line.is_kernel
        assert line.history[-1] == line.rss_kb
        assert (line.uss_kb, line.regions) == (None, None)


def test_rates_need_two_looks(look, child):
    source = look(child.pid)
    only(source)
    child.run(GROW)
    time.sleep(1)  # for a rate there has to be a time
    line = only(source)
    assert line.faults_s > 0
    assert line.rate_kb_min > 0
    assert line.history[-1] == line.rss_kb


def test_a_process_keeps_its_key_when_it_runs_another_program(look, child):
    source = look(child.pid)
    before = only(source)
    child.process.stdin.write("import os; os.execv('/bin/cat', ['cat', '-'])\n")
    child.process.stdin.flush()

    def is_cat():
        line = only(source)
        return (line.name, line.cmdline) == ("cat", "cat -")

    children.wait_until(is_cat)
    assert only(source).key == before.key


def test_names_of_others_cannot_write_to_the_terminal(look, child):
    source = look(child.pid)
    only(source)
    child.run(NAME.format(b"\x1b[31m\xff\xe2\x80\xae"))
    assert only(source).name == "\\x1b[31m\\xff\\u202e"


def test_a_zombie_has_no_amounts_and_no_details(look):
    with children.zombie() as pid:
        source = look(pid)
        line = only(source)
        assert (line.state, line.rss_kb, line.swap_kb) == ("Z", None, None)
        assert not line.is_kernel
        assert source.details(line).note == "it has no memory of its own"


def test_a_child_of_vfork_has_the_memory_of_another(look, tmp_path):
    with children.between_vfork_and_exec(tmp_path) as (parent, pid, _):
        pids = parent.pid, pid
        lines = {line.pid: line for line in look(*pids).look().lines}
        assert lines[pid].same_as == parent.pid
        assert lines[pid].rss_kb is None
        assert lines[parent.pid].rss_kb > 0
        assert not lines[pid].is_kernel


def test_a_thread_of_the_kernel_is_told_as_such(look):
    lines = look(source=chosen(every=True)).look().lines
    kernel = [line for line in lines if line.is_kernel]
    assert all(line.rss_kb is None for line in kernel)
    assert os.getpid() not in {line.pid for line in kernel}
    if os.path.exists("/proc/2/stat"):  # a container may have none
        named = {line.pid: line.is_kernel for line in lines}
        with open("/proc/2/stat") as file:
            assert named[2] == ("(kthreadd)" in file.read())


def test_who_ends_is_gone_and_its_details_stay(look):
    with children.script("holder") as child:
        source = look(child.pid)
        line = only(source)
        assert source.details(line).owners
    assert source.look().lines == []
    details = source.details(line)
    assert details.note == "it has ended"
    assert details.owners


def test_who_began_later_is_there(look, child):
    source = look(source=chosen(trees=[child.pid]))
    assert [line.pid for line in source.look().lines] == [child.pid]
    child.run("import subprocess; p = subprocess.Popen(['/bin/cat'], stdin=-1)")
    lines = source.look().lines
    assert {line.ppid for line in lines} == {os.getpid(), child.pid}
    assert len({line.key for line in lines}) == 2
    child.run("p.kill(); p.communicate()")
    assert [line.pid for line in source.look().lines] == [child.pid]


def test_a_target_that_is_nobody_is_refused():
    with pytest.raises(ProcessGone):
        LiveSource(chosen(children.ended()))


def test_one_of_two_targets_that_is_nobody_is_told(look):
    said, pid = [], children.ended()
    with children.waiting() as child:
        assert only(look(child.pid, pid, say=said.append)).pid == child.pid
    assert len(said) == 1
    assert str(pid) in said[0]


def test_details_are_what_the_process_holds(look):
    with children.script("holder", ballast=BALLAST) as child:
        source = look(child.pid)
        line = only(source)
        details = source.details(line)
        assert details.note == ""
        assert details.age_s < 60
        assert details.between_s >= 1
        rss = [owner.rss_kb for owner in details.owners]
        assert rss == sorted(rss, reverse=True)
        assert sum(rss) >= BALLAST >> 10
        assert len(details.regions) == only(source).regions or line.regions
        parts = [region.rss_kb for region in details.regions]
        assert parts == sorted(parts, reverse=True)
        assert sum(parts) == sum(rss)
        assert details.regions[0].perms == "rw-p"
        assert details.regions[:2][1] == details.regions[1]


def test_the_uss_is_known_where_regions_tell_it(look):
    with children.script("holder", ballast=BALLAST) as child:
        source = look(child.pid, detail="smaps")
        source.details(only(source))
        line = only(source)
        assert BALLAST >> 10 <= line.uss_kb <= line.rss_kb
        assert line.regions > 10


def test_reading_costs_no_more_than_its_share(look):
    with children.waiting() as one, children.waiting() as other:
        source = look(one.pid, other.pid)
        first, second = source.look().lines
        assert source.details(first).owners
        source._details._plan._credit = -1e18  # a large one was read
        waiting = source.details(second)
        assert waiting.owners == []
        assert "not read yet" in waiting.note
        assert source.details(first).owners
        source._details._plan._credit = 1
        assert source.details(second).owners


def test_what_did_not_move_is_not_read_again(look):
    with children.waiting() as child:
        source = look(child.pid)
        line = only(source)
        ages = [source.details(line).age_s for _ in range(3)]
        assert ages == sorted(ages)


def deny(_self, followed, _detail):
    raise AccessDenied(f"process {followed.pid}: maps: \x1b no", followed.pid)


def test_a_denied_process_tells_why(look, monkeypatch):
    monkeypatch.setattr(taking.Taking, "_read", deny)
    with children.waiting() as child:
        source = look(child.pid)
        details = source.details(only(source))
        assert details.note == f"process {child.pid}: maps: \\x1b no"
        assert details.owners == []


def test_the_machine_is_told(look, child):
    source = look(child.pid)
    source.look()
    tell = source.look()
    with open("/proc/meminfo") as file:
        rows = dict(row.split(":", 1) for row in file)
    assert tell.total_kb == int(rows["MemTotal"].split()[0])
    assert 0 < tell.available_kb < tell.total_kb
    assert tell.swap_used_kb >= 0
    assert tell.own_cpu > 0
    assert tell.is_live
    assert abs(tell.t_ms - time.time() * 1000) < 600_000


def test_nothing_is_kept_of_those_that_ended(look, child):
    source = look(source=chosen(trees=[child.pid]))
    for _ in range(KEPT + 4):
        child.run("import subprocess; p = subprocess.Popen(['/bin/cat'], stdin=-1)")
        for line in source.look().lines:
            source.details(line)
        child.run("p.kill(); p.communicate()")
        source.look()
    assert len(source._living) == len(source._by_key) == 1
    assert len(source._ended) <= KEPT
    assert len(source._details._held) <= KEPT
    assert len(source._details._plan._read) == 1


def test_all_files_are_closed_and_the_limit_is_put_back(child):
    before = os.listdir("/proc/self/fd"), resource.getrlimit(resource.RLIMIT_NOFILE)
    source = LiveSource(chosen(child.pid))
    source.details(only(source))
    assert len(os.listdir("/proc/self/fd")) > len(before[0])
    source.close()
    after = os.listdir("/proc/self/fd"), resource.getrlimit(resource.RLIMIT_NOFILE)
    assert after == before


def test_what_is_saved_is_the_document_of_the_process(look, child):
    source = look(child.pid)
    document = json.loads(source.save(only(source)))
    assert document["pid"] == child.pid
    assert document["regions"]


def test_all_are_saved_without_a_selection(look):
    with children.running(*NAMESPACE, "/bin/sh", "-c", "echo ready; read x") as child:
        source = look(source=chosen(every=True, proc=children.proc_below(child)))
        document = json.loads(source.save(None))
    assert [process["pid"] for process in document["processes"]] == [1]


def test_groups_have_no_details(look, child):
    source = look(child.pid)
    line = only(source)
    line.key = -1
    assert "select a process" in source.details(line).note


def test_a_source_runs_on_both_backends(look, child, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", "pure")
    source = look(child.pid)
    assert source.details(only(source)).owners


# the pressure that the kernel counted until each second, in us, what is told, why
PRESSURES = [
    ([0, 0, 1_500_000], 75, "it is counted every two seconds, and late"),
    ([0, 9_000_000], 100, "never more than all of the time"),
    ([0, 0], 0, "nothing waited"),
    ([None, None], None, "the kernel has no PSI"),
    ([0], None, "one look tells nothing"),
]


@cases(PRESSURES, why=2)
def test_pressure_is_that_of_the_last_seconds(case, look, child, monkeypatch):
    counted, share, _ = case
    source = look(child.pid)
    told = []
    for at, psi_us in enumerate(counted):
        monkeypatch.setattr(time, "monotonic_ns", lambda at=at: at * 10**9)
        told.append(source._since(psi_us)[1])
    assert told[-1] == (None if share is None else pytest.approx(share))
