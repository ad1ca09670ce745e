// The map of a report: two levels of a tree as boxes.
const BOXES = [48, 12]; // how many parts the map has of the whole, and of a part
const SMALLEST = 500; // of the whole: smaller ones are one box
const CHAR = 6.6; // pixels, about

function kidsOf(tree, node) {
  return Array.from({ length: tree.kids[node] }, (_, each) => tree.first[node] + each);
}

// The boxes of two levels below a node: plotly gets no more than what is in view.
function boxesOf(tree, root) {
  const made = [];
  const change = tree.change_kb;
  function level(node, parent, group) {
    const kids = kidsOf(tree, node).filter((kid) => tree.kb[kid] > 0);
    if (change) kids.sort((a, b) => tree.kb[b] - tree.kb[a]);
    const most = BOXES[parent ? 1 : 0];
    const large = kids.slice(0, most).filter((kid) => tree.kb[kid] * SMALLEST > tree.kb[root]);
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
  level(root, "", null);
  return made;
}

// Draws the map; `enter` is called with the node of a box that somebody clicked on.
function drawMap(tree, root, width, enter) {
  const map = $("map");
  const boxes = boxesOf(tree, root);
  const isDiff = Boolean(tree.change_kb);
  map.hidden = !boxes.length;
  $("scale").hidden = map.hidden || !isDiff;
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
    // Around the boxes plotly has one of its own, which is no node.
    const node = parseInt(event.points[0].id, 10);
    if (node >= 0) setTimeout(enter, 0, node);
    return false; // plotly has no more to show
  });
}
