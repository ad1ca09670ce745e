// The map of a report and the list of the same parts, step by step.
const data = JSON.parse($("data").textContent);
const trees = typeof data.trees === "string" ? await unpack(data.trees) : data.trees;
const BOXES = [48, 12]; // how many parts the map has of the whole, and of a part
const SMALLEST = 500; // of the whole: smaller ones are one box
const ROWS = 20;
const PAPER = 680; // pixels that a sheet is wide
const CHAR = 6.6; // pixels, about
let shown = trees.length - 1; // which tree
let at = 0; // which node of it
let rows = ROWS; // how many lines of the list
let asked = null; // the time that the reader chose, if no tree has it
let width; // on paper

// The children of a node stand together: `first` tells where, `kids` how many.
for (const tree of trees) {
  let next = 1;
  tree.first = tree.kids.map((many) => (next += many) - many);
  tree.parent = tree.kids.map(() => -1);
  tree.kids.forEach((many, node) => {
    tree.parent.fill(node, tree.first[node], tree.first[node] + many);
  });
}

function kidsOf(tree, node) {
  return Array.from({ length: tree.kids[node] }, (_, each) => tree.first[node] + each);
}

// The nodes from the root to this one.
function stepsTo(tree, node) {
  const steps = [];
  for (; node >= 0; node = tree.parent[node]) steps.unshift(node);
  return steps;
}

// The boxes of two levels below `at`: plotly gets no more than what is in view.
function boxesOf(tree) {
  const made = [];
  const change = tree.change_kb;
  function level(node, parent, group) {
    const kids = kidsOf(tree, node).filter((kid) => tree.kb[kid] > 0);
    if (change) kids.sort((a, b) => tree.kb[b] - tree.kb[a]);
    const most = BOXES[parent ? 1 : 0];
    const large = kids.slice(0, most).filter((kid) => tree.kb[kid] * SMALLEST > tree.kb[at]);
    large.forEach((kid, place) => {
      const grew = change ? change[kid] || 0 : 0;
      const mine = group ?? place % 8;
      const id = String(kid);
      made.push({ id, parent, group: mine, text: tree.label[kid], kb: tree.kb[kid], grew });
      if (!parent) level(kid, id, mine);
    });
    const small = kids.slice(large.length);
    if (!small.length) return;
    const sum = (amounts) => small.reduce((all, kid) => all + (amounts[kid] || 0), 0);
    const text = `${count(small.length)} smaller`;
    const grew = change ? sum(change) : 0;
    made.push({ id: `${node}+`, parent, group: group ?? 8, text, kb: sum(tree.kb), grew });
  }
  level(at, "", null);
  return made;
}

function drawMap(tree) {
  const map = $("map");
  const boxes = boxesOf(tree);
  const isDiff = Boolean(tree.change_kb);
  map.hidden = !boxes.length;
  if (map.hidden) return;
  // Plotly leaves the height of a head above the boxes, if they are several.
  map.classList.toggle("several", boxes.filter((box) => !box.parent).length > 1);
  const most = boxes.reduce((top, box) => Math.max(top, Math.abs(box.grew)), 1);
  const paint = (box) => {
    if (!isDiff) return colour(`k${box.group}`);
    const part = Math.sqrt(Math.abs(box.grew) / most);
    return mix(colour("flat"), colour(box.grew > 0 ? "grew" : "fell"), part);
  };
  const area = (width || map.clientWidth) * map.clientHeight;
  const whole = boxes.reduce((sum, box) => sum + (box.parent ? 0 : box.kb), 0);
  const fits = (box) => Math.min(40, Math.max(9, Math.sqrt((box.kb / whole) * area) / CHAR));
  const amount = (box) => human(box.kb) + (isDiff ? ` (${human(box.grew, true)})` : "");
  const words = (box, most) => `${label(box.text, Math.floor(most))}<br>${amount(box)}`;
  const trace = {
    type: "treemap",
    branchvalues: "total",
    pathbar: { visible: false },
    tiling: { pad: 2 },
    ids: boxes.map((box) => box.id),
    parents: boxes.map((box) => box.parent),
    labels: boxes.map((box) => label(box.text, 40)),
    values: boxes.map((box) => box.kb),
    text: boxes.map((box) => words(box, fits(box))),
    textinfo: "text",
    hovertext: boxes.map((box) => words(box, 60)),
    hoverinfo: "text",
    marker: {
      colors: boxes.map(paint),
      line: { width: 1, color: colour("bg") },
      pad: { t: 20, l: 2, r: 2, b: 2 },
    },
    textfont: { color: colour("fg"), size: 13 },
  };
  const margin = { l: 0, r: 0, t: 0, b: 0 };
  const layout = { ...look(width), margin, uniformtext: { minsize: 10, mode: "hide" } };
  Plotly.react(map, [trace], layout, { displayModeBar: false, responsive: true });
  if (map.dataset.heard) return;
  map.dataset.heard = "yes";
  map.on("plotly_treemapclick", (event) => {
    const [node, now] = [parseInt(event.points[0].id, 10), trees[shown]];
    const to = now.kids[node] ? node : now.parent[node];
    // Around the boxes plotly has one of its own, which is no node.
    if (to >= 0 && to !== at) setTimeout(go, 0, to, true);
    return false; // plotly has no more to show
  });
}

function button(tree, node) {
  const made = make("button", tree.label[node]);
  made.type = "button";
  made.addEventListener("click", () => go(node));
  return made;
}

function drawPath(tree) {
  const list = make("ol", "");
  for (const node of stepsTo(tree, at)) {
    const item = make("li", "");
    const here = make("span", tree.label[node]);
    here.tabIndex = -1;
    here.setAttribute("aria-current", "location");
    item.append(node === at ? here : button(tree, node));
    list.append(item);
  }
  $("path").replaceChildren(list);
}

function partsOf(tree) {
  const change = tree.change_kb;
  return kidsOf(tree, at).filter((kid) => !change || change[kid] !== 0);
}

function rowOf(tree, node, heads) {
  const [row, name] = [make("tr", "", "", "row"), make("th", "", "", "rowheader")];
  const [kb, change, whole] = [tree.kb[node], tree.change_kb, tree.kb[at]];
  name.scope = "row";
  name.append(tree.kids[node] ? button(tree, node) : tree.label[node]);
  row.append(name, make("td", human(kb), "n", "cell"));
  if (change) {
    const kind = change[node] > 0 ? "n more" : "n less";
    row.append(make("td", human(change[node], true), kind, "cell"));
  }
  const share = whole && kb !== null ? (100 * kb) / whole : null;
  const last = make("td", share === null ? "" : `${share.toFixed(1)} %`, "n share", "cell");
  last.style.backgroundSize = `${share || 0}% 100%`;
  row.append(last);
  [...row.cells].forEach((cell, place) => place && (cell.dataset.head = heads[place]));
  return row;
}

function noRow(columns) {
  const [row, cell] = [make("tr", "", "", "row"), make("td", "nothing", "", "cell")];
  cell.colSpan = columns;
  row.append(cell);
  return row;
}

// The same parts as in the map, for everybody; also those that are too small for it.
function drawList(tree) {
  const table = $("where");
  const kids = partsOf(tree);
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const whose = at ? tree.label[at] : "the whole";
  table.caption.textContent = `Parts of ${whose}${tree.change_kb ? " that changed" : ""}`;
  const lines = kids.slice(0, rows).map((kid) => rowOf(tree, kid, heads));
  table.tBodies[0].replaceChildren(...(lines.length ? lines : [noRow(heads.length)]));
  $("others").hidden = kids.length <= rows;
  $("others").textContent = `Show ${count(kids.length - rows)} more`;
}

function say(tree) {
  const parts = partsOf(tree).length;
  const level = data.levels[stepsTo(tree, at).length - 1];
  const words = [human(tree.kb[at]), `${count(parts)} ${parts === 1 ? "part" : "parts"}`];
  if (tree.change_kb) words[1] += " changed";
  if (level) words.push(`by ${level}`);
  if (tree.t_ms !== null) words.push(`as of ${time(tree.t_ms)}`);
  if (asked !== null) words.push(`the stored state nearest to ${time(asked)}`);
  $("said").textContent = `${tree.label[at]}: ${words.join(", ")}.`;
}

function draw() {
  const tree = trees[shown];
  if (tree) {
    drawPath(tree);
    drawList(tree);
    say(tree);
    drawMap(tree);
  }
}

function drawAll() {
  draw();
  const moment = trees.length > 1 ? trees[shown].t_ms : null;
  if (data.series) drawTime(data, moment, width, (ms) => choose(nearest(ms), ms));
}

// After a step the focus is on the path: the parts are a few tabs away.
function go(node, isMouse = false) {
  [at, rows] = [node, ROWS];
  draw();
  $("path").querySelector("[aria-current]").focus({ preventScroll: isMouse });
}

function nearest(ms) {
  const away = (tree) => Math.abs(tree.t_ms - ms);
  return trees.reduce((best, tree, each) => (away(tree) < away(trees[best]) ? each : best), 0);
}

// Shows another time, at the same place of the tree as far as that has it.
function choose(which, wanted) {
  const names = stepsTo(trees[shown], at).map((node) => trees[shown].label[node]);
  const tree = trees[which];
  [shown, at, rows] = [which, 0, ROWS];
  asked = wanted === tree.t_ms ? null : wanted;
  for (const name of names.slice(1)) {
    const found = kidsOf(tree, at).find((kid) => tree.label[kid] === name);
    if (found === undefined || !tree.kids[found]) break;
    at = found;
  }
  $("moment").value = String(which);
  drawAll();
}

function printing(isPaper) {
  document.documentElement.toggleAttribute("data-print", isPaper);
  width = isPaper ? PAPER : undefined;
  drawAll();
}

for (const id of ["tools", "path", "said"]) $(id).hidden = !trees.length;
$("tools").hidden = false;
$("scale").hidden = !trees.some((tree) => tree.change_kb);
if (data.series) $("time").hidden = false;
if (trees.length > 1) {
  trees.forEach((tree, which) => $("moment").add(new Option(time(tree.t_ms), which)));
  $("moment").value = String(shown);
  $("moments").hidden = $("how-moment").hidden = false;
}
$("moment").addEventListener("change", () => choose(Number($("moment").value), null));
$("unit").addEventListener("change", () => {
  for (const cell of document.querySelectorAll("[data-kb]")) {
    cell.textContent = human(Number(cell.dataset.kb), "signed" in cell.dataset);
  }
  drawAll();
});
$("others").addEventListener("click", () => {
  const next = rows;
  rows = Infinity;
  drawList(trees[shown]);
  const first = $("where").tBodies[0].rows[next].querySelector("button");
  (first || $("path").querySelector("[aria-current]")).focus();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
addEventListener("beforeprint", () => printing(true));
addEventListener("afterprint", () => printing(false));
drawAll();
