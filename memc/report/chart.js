// The chart of a recording: areas one on the other, gaps, events, the moment shown.

// The stretches of a series without a gap, as lists of places.
function runsOf(series, gaps) {
  const runs = [];
  let last = -2;
  series.t_ms.forEach((ms, place) => {
    if (series.kb.every((line) => line[place] === null)) return;
    const isLost = ([begin, end]) => begin < ms && end > series.t_ms[last];
    if (last !== place - 1 || gaps.some(isLost)) runs.push([]);
    runs[runs.length - 1].push(place);
    last = place;
  });
  return runs;
}

// Two traces for each name: plotly's own stacks would fill the gaps.
function areas(series, runs, divisor, most) {
  const base = series.t_ms.map(() => 0);
  return series.names.flatMap((name, number) => {
    const kb = series.kb[number];
    const below = base.slice();
    kb.forEach((amount, place) => (base[place] += (amount || 0) / divisor));
    const area = { x: [], y: [] };
    const line = { x: [], y: [], text: [] };
    for (const run of runs) {
      // An amount holds until the end of its step.
      const places = [...run, run[run.length - 1]];
      const x = run.map((place) => series.t_ms[place]);
      x.push(x[x.length - 1] + series.step_ms);
      const y = places.map((place) => base[place]);
      area.x.push(...x, ...x.slice().reverse(), null);
      area.y.push(...y, ...places.map((place) => below[place]).reverse(), null);
      line.x.push(...x, x[x.length - 1]);
      line.y.push(...y, null);
      line.text.push(...places.map((place) => `${label(name, most)}: ${human(kb[place])}`), "");
    }
    const fillcolor = colour(`k${Math.min(number, 8)}`);
    const edge = { width: 1.5, color: mix(fillcolor, colour("fg"), 0.4) };
    const hovertemplate = "%{text}<extra></extra>";
    return [
      { ...area, type: "scatter", mode: "none", fill: "toself", fillcolor, hoverinfo: "skip" },
      { ...line, type: "scatter", mode: "lines", line: edge, hovertemplate },
    ];
  });
}

function marksOf(events, height, most) {
  return {
    type: "scatter",
    mode: "markers",
    x: events.map(([ms]) => ms),
    y: events.map(() => height),
    marker: { symbol: "triangle-down", size: 11, color: colour("more") },
    text: events.map(([, text]) => label(text, 2 * most)),
    hovertemplate: "%{text}<extra></extra>",
  };
}

const MOST_LINES = 50;

function shapesOf(data, moment) {
  const whole = { y0: 0, y1: 1, yref: "paper" };
  const upright = (ms, dash, name) => {
    const line = { dash, width: 1.5, color: colour(name) };
    return { type: "line", x0: ms, x1: ms, ...whole, line };
  };
  const edge = { width: 1, dash: "dot", color: colour("soft") };
  const hole = { type: "rect", layer: "below", fillcolor: colour("band"), line: edge };
  const shapes = data.gaps.map(([x0, x1]) => ({ ...hole, ...whole, x0, x1 }));
  const { events } = data.series;
  if (moment !== null) shapes.push(upright(moment, "solid", "fg"));
  if (events.length > MOST_LINES) return shapes;
  return [...shapes, ...events.map(([ms]) => upright(ms, "dot", "more"))];
}

// Draws the chart; `choose` is called with the time that somebody clicked on.
function drawTime(data, moment, width, choose) {
  const { series } = data;
  const place = $("time");
  const sum = (at) => series.kb.reduce((all, line) => all + (line[at] || 0), 0);
  const most = series.t_ms.reduce((top, _, at) => Math.max(top, sum(at)), 1);
  let unit = UNITS.indexOf($("unit").value);
  if (unit < 0) for (unit = 0; most / 1024 ** unit >= 999.5 && UNITS[unit + 1]; unit++);
  const high = most / 1024 ** unit;
  const wide = width || place.clientWidth;
  const letters = wide < 600 ? 13 : 40; // of a name, beside the pointer
  const traces = areas(series, runsOf(series, data.gaps), 1024 ** unit, letters);
  const axis = { gridcolor: colour("line"), linecolor: colour("soft"), zeroline: false };
  const nticks = Math.max(2, Math.floor(wide / 110)); // upright ones
  const hoverformat = "%Y-%m-%d %H:%M:%S UTC";
  const layout = {
    ...look(width),
    shapes: shapesOf(data, moment),
    showlegend: false,
    hovermode: "x unified",
    dragmode: matchMedia("(pointer: fine)").matches ? "zoom" : false,
    margin: { l: 66, r: 16, t: 8, b: 40 },
    xaxis: { ...axis, type: "date", hoverformat, nticks, tickangle: 0 },
    yaxis: {
      ...axis,
      title: { text: `${data.measure}, ${UNITS[unit]}` },
      range: [0, high * 1.12],
      fixedrange: true,
    },
  };
  traces.push(marksOf(series.events, high * 1.06, letters));
  Plotly.react(place, traces, layout, { displayModeBar: false, responsive: true });
  if (place.dataset.heard) return;
  place.dataset.heard = "yes";
  place.on("plotly_click", (event) => {
    const x = String(event.points[0].x).replace(" ", "T");
    setTimeout(choose, 0, Date.parse(x.includes("T") ? `${x}Z` : `${x}T00:00Z`));
  });
}
