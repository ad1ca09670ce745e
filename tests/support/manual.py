"""README.md and docs/: their blocks, tables and links."""

import re

from support.corpus import CHECKOUT

PAGES = {
    str(path.relative_to(CHECKOUT)): path.read_text()
    for path in (CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/*.md")))
}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    """Give the text of each block of a page that is in this language."""
    return [text for name, text in FENCE.findall(PAGES[page]) if name == language]


def all_blocks(language):
    """Give the page and the text of each block in this language."""
    return [(page, text) for page in PAGES for text in blocks(page, language)]


def rows(text, head):
    """Give the cells of each row of the table whose first line starts with `head`."""
    start = text.index(f"| {head} |")
    lines = text[start:].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def words(text):
    """Give what a text has in backticks, its blocks aside."""
    return re.findall(r"`([^`]+)`", FENCE.sub("", text))


def section(page, title):
    """Give the text from a heading to the next one of its level."""
    start = PAGES[page].index(f"\n## {title}\n")
    end = PAGES[page].find("\n## ", start + 1)
    return PAGES[page][start : None if end < 0 else end + 1]


def anchors(page):
    """Give the anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", PAGES[page])
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def links(page):
    """Give the targets of a page's links that lead to files of the project."""
    text = FENCE.sub("", PAGES[page])
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in found if "://" not in target]
