"""A picture as a chart of plotly, which the extra `report` brings."""

from __future__ import annotations

from html import escape

from memc.human.picture import cut
from memc.human.units import human, signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from memc.human.picture import Picture

__all__ = ["chart_of", "lines_of"]

EXTRA = "plot() needs plotly: pip install 'memc[report]'"
COLOURS = {True: "#c8641b", False: "#3b82c4"}  # is it growth above 0?
NAME, TITLE = 40, 120  # characters
LINE, AROUND = 28, 130  # pixels


def chart_of(picture: Picture) -> Any:  # noqa: ANN401 - a Figure
    """Return a picture as bars.  Raises ImportError, with the extra, without plotly."""
    try:
        from plotly.graph_objects import Bar, Figure
    except ImportError as error:
        raise ImportError(EXTRA, name="plotly") from error
    bars = picture.top()
    amounts = [bar.kb or 0 for bar in bars]
    show = signed if picture.is_growth else human
    colours = [COLOURS[picture.is_growth and kb > 0] for kb in amounts]
    # Names may be equal after they were cut, so the lines go by number.
    drawn = Bar(
        x=[kb * 1024 for kb in amounts],
        y=list(range(len(bars))),
        orientation="h",
        marker={"color": colours},
        text=[show(kb) for kb in amounts],
        textposition="outside",  # white on a bar is faint
        cliponaxis=False,
        customdata=[_text(bar.name, 2 * NAME) for bar in bars],
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )
    figure = Figure(drawn)
    figure.update_layout(
        title={"text": _text(picture.title, TITLE)},
        height=AROUND + LINE * max(len(bars), 2),
        bargap=0.25,
        margin={"l": 10, "r": 20, "t": 60, "b": 50},
        showlegend=False,
    )
    rest = picture.rest
    more = f" ({rest.name}: {show(rest.kb)})" if rest else ""
    figure.update_xaxes(
        title={"text": picture.amount + more}, automargin=True, **_ticks(picture)
    )
    figure.update_yaxes(
        tickvals=list(range(len(bars))),
        ticktext=[_text(bar.name, NAME) for bar in bars],
        autorange="reversed",
        automargin=True,
    )
    return figure


def lines_of(amount: str, lines: Mapping[str, Sequence[tuple[int, int | None]]]) -> Any:  # noqa: ANN401 - a Figure
    """Return amounts in kB at times in ms as lines: each holds until the next.

    Raises ImportError, with the extra, without plotly.
    """
    from datetime import datetime

    try:
        from plotly.graph_objects import Figure, Scatter
    except ImportError as error:
        raise ImportError(EXTRA, name="plotly") from error
    figure = Figure()
    for name, values in lines.items():
        figure.add_trace(
            Scatter(
                x=[datetime.fromtimestamp(t / 1000) for t, _ in values],  # noqa: DTZ006
                y=[None if kb is None else kb / 1024 for _, kb in values],
                name=_text(name, NAME),
                mode="lines",
                line={"shape": "hv"},
            )
        )
    figure.update_layout(margin={"l": 10, "r": 20, "t": 40, "b": 40})
    figure.update_yaxes(title={"text": f"{amount} (MiB)"}, rangemode="tozero")
    return figure


def _ticks(picture: Picture) -> dict[str, list[int] | list[str]]:
    """Return the span and a few round marks in binary units: plotly knows none."""
    kb = [bar.kb or 0 for bar in picture.top()]
    low, high = min([0, *kb]), max([0, *kb])
    step = 1
    while (high - low) / step > 4:
        step *= 2
    marks = list(range(-(-low // step) * step, high + 1, step))
    show = signed if picture.is_growth else human
    room = 256 * (high - low) + 1  # a quarter, for the amounts beside the bars
    return {
        "tickvals": [mark * 1024 for mark in marks],
        "ticktext": [*map(show, marks)],
        "range": [1024 * low - (low < 0) * room, 1024 * high + room],
    }


def _text(text: str, length: int) -> str:
    """Return text for plotly, which reads markup in it: cut before it is escaped."""
    return escape(cut(text, length))
