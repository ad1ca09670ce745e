// How amounts, times, names and colours get onto the page.
const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB"];
const $ = (id) => document.getElementById(id);

// Large trees are base64 of zlib of JSON.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const inflate = new DecompressionStream("deflate");
  return new Response(new Blob([bytes]).stream().pipeThrough(inflate)).json();
}

// An amount as memc writes it, in three digits, or in the unit that was chosen.
function human(kb, signed) {
  if (kb === null) return "not known";
  if (!kb) return "0";
  const sign = kb < 0 ? "-" : signed ? "+" : "";
  const chosen = UNITS.indexOf($("unit").value);
  if (chosen >= 0) return `${sign}${inUnit(Math.abs(kb), chosen)}`;
  let amount = Math.abs(kb);
  let unit = 0;
  for (; amount >= 999.5 && unit + 1 < UNITS.length; unit++) amount /= 1024;
  const digits = !unit || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${sign}${amount.toFixed(digits)} ${UNITS[unit]}`;
}

function inUnit(kb, unit) {
  const digits = unit ? 2 : 0;
  const amount = kb / 1024 ** unit;
  if (unit && amount < 0.01) return `<0.01 ${UNITS[unit]}`;
  const look = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${amount.toLocaleString("en", look)} ${UNITS[unit]}`;
}

const count = (number) => number.toLocaleString("en");

function time(ms) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return `${ms} ms`; // later than any date
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

// Plotly reads markup: so text is escaped, and cut before that, never in an entity.
// Of a path the end says the most.
function label(text, most) {
  const chars = [...text];
  if (chars.length > most) {
    const tail = text.includes("/") ? Math.floor(((most - 1) * 2) / 3) : 0;
    const end = chars.slice(chars.length - tail).join("");
    text = `${chars.slice(0, most - 1 - tail).join("")}…${end}`;
  }
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

// An element with a text, which stays text.
function make(name, text, kind, role) {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  if (role) made.setAttribute("role", role);
  return made;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Between two colours of the form #rrggbb.
function mix(from, to, part) {
  const byte = (text, place) => parseInt(text.slice(place, place + 2), 16);
  const between = (place) => byte(from, place) + (byte(to, place) - byte(from, place)) * part;
  return `rgb(${[1, 3, 5].map((place) => Math.round(between(place)))})`;
}

// What the map and the chart have in common; a width only for paper.
function look(width) {
  const font = { color: colour("fg"), family: "system-ui, sans-serif", size: 13 };
  const [bgcolor, bordercolor] = [colour("bg"), colour("soft")];
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    width,
    autosize: !width,
    font,
    hoverlabel: { bgcolor, bordercolor, font, align: "left", namelength: -1 },
  };
}
