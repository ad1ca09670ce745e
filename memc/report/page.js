// What is shown of a report: the path, the list of parts, the map, the moment.
const data = JSON.parse($("data").textContent);
const trees = typeof data.trees === "string" ? await unpack(data.trees) : data.trees;
const ROWS = 20;
const PAPER = 680; // pixels that a sheet is wide
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
  tree.moved = new Set(tree.moved);
  tree.kids.forEach((many, node) => {
    tree.parent.fill(node, tree.first[node], tree.first[node] + many);
  });
}

// The nodes from the root to this one.
function stepsTo(tree, node) {
  const steps = [];
  for (; node >= 0; node = tree.parent[node]) steps.unshift(node);
  return steps;
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
  const isListed = (kid) => !change || change[kid] !== 0 || tree.moved.has(kid);
  return kidsOf(tree, at).filter(isListed);
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
  const words = share > 0 && share < 0.05 ? "<0.1 %" : `${(share || 0).toFixed(1)} %`;
  const last = make("td", share === null ? "" : words, "n share", "cell");
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
    drawMap(tree, at, width, enter);
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

// A box that has no parts leads to what it is a part of.
function enter(node) {
  const tree = trees[shown];
  const to = tree.kids[node] ? node : tree.parent[node];
  if (to !== at) go(to, true);
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
// Names are cut to the width: draw anew once a window has stopped changing.
let resized;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(drawAll, 150);
});
addEventListener("beforeprint", () => printing(true));
addEventListener("afterprint", () => printing(false));
drawAll();
