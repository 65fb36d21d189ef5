const SHOWN = 100, AROUND = 120;
const $ = (name) => document.getElementById(name);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const HIDDEN = new RegExp(DATA.hidden, "gu");
const visible = (text) => text.replace(HIDDEN, (character) => `⟨U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
const folded = (text) => text.replace(HIDDEN, "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const stamp = DATA.prefix && new RegExp(`^${DATA.prefix.toLowerCase()}(\\d{6,})$`);
const rows = [], words = [];
let loading = null, found = [], shown = 0;

globalThis.indexed = (part) => {
  for (const row of part) {
    rows.push(row);
    words.push(folded(row[0] === "e" ? `${row[1]} ${row.slice(5).join("\n")}` : row.slice(4).join("\n")));
  }
};

const loaded = (name) => new Promise((done, failed) => {
  const script = make("script", { src: name, onload: done, onerror: () => failed(new Error(name)) });
  document.head.append(script);
});

function load() {
  loading ??= (async () => {
    for (const [at, name] of DATA.names.entries()) {
      $("said").textContent = `Reading the index, part ${at + 1} of ${DATA.names.length}.`;
      await loaded(name);
    }
  })();
  return loading;
}

function look(text) {
  const wanted = folded(text).split(/\s+/).filter(Boolean);
  const number = wanted.length === 1 && stamp && stamp.exec(wanted[0]);
  const at = number && Number(number[1]);
  found = [];
  for (let place = 0; place < rows.length && wanted.length; place += 1) {
    const row = rows[place];
    const stamped = number && row[0] === "e" && row[3] && row[3] <= at && at <= row[4];
    if (stamped || wanted.every((word) => words[place].includes(word))) found.push(place);
  }
  shown = 0;
  $("found").replaceChildren();
  $("said").textContent = wanted.length ? `${found.length.toLocaleString("en")} found for ${text.trim()}.` : "";
  more(wanted);
}

function more(wanted) {
  $("found").append(...found.slice(shown, shown + SHOWN).map((place) => line(rows[place], wanted)));
  shown = Math.min(shown + SHOWN, found.length);
  $("more").hidden = shown >= found.length;
  $("more").onclick = () => more(wanted);
}

function line(row, wanted) {
  const exhibit = row[0] === "e";
  const anchor = exhibit ? row[1] : `${row[1]}-${row[3] + 1}`;
  const href = `exhibits-${String(row[2]).padStart(4, "0")}.html#${anchor}`;
  const told = exhibit ? [row[5], row[6], row[7], row[8], row[9]] : [row[4], row[5], row[6]];
  const link = make("a", { href }, exhibit ? `Exhibit ${row[1]}` : `${row[1]}, post ${row[3] + 1}`);
  const text = exhibit ? [] : [make("p", { dir: "auto" }, ...marked(around(row[7], wanted), wanted))];
  return make("li", {}, link, ...text, make("p", { className: "note", dir: "auto" }, ...marked(told.filter(Boolean).join(" · "), wanted)));
}

function around(text, wanted) {
  const plain = text.toLowerCase();
  const at = Math.max(0, Math.min(...wanted.map((word) => plain.indexOf(word)).filter((place) => place >= 0), text.length) - AROUND);
  const from = at >= text.length - AROUND ? 0 : at;
  const cut = text.slice(from, from + 3 * AROUND);
  return `${from ? "…" : ""}${cut}${from + cut.length < text.length ? "…" : ""}`;
}

function marked(text, wanted) {
  const escaped = wanted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return visible(text).split(new RegExp(`(${escaped.join("|")})`, "iu")).map((part, at) => (at % 2 ? make("mark", {}, part) : part));
}

async function ask() {
  try {
    await load();
  } catch (error) {
    $("said").textContent = `${error.message} could not be read, so nothing was searched. Is the folder whole?`;
    return;
  }
  look($("words").value);
}

$("without").hidden = true;
$("asked").hidden = false;
$("asked").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
const asked = new URLSearchParams(location.hash.slice(1)).get("q");
if (asked) { $("words").value = asked; ask(); }
