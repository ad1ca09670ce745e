"""SQL binds values in turn (``?``), or by name; Python 3.14 refuses ``?1``."""

import re

from support.corpus import CHECKOUT


def test_no_sql_numbers_its_question_marks():
    """Where a value stands twice, ``:1`` takes it from a dict."""
    numbered = re.compile(r"(?:[=<>(,/*] ?|select )\?[1-9]")
    files = sorted((CHECKOUT / "memc").rglob("*.py"))
    assert len(files) > 300
    assert [f.name for f in files if numbered.search(f.read_text())] == []
    assert numbered.search("where segment=?1")
