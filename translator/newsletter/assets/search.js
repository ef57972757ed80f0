// Searches titles with MiniSearch and the text of the papers month by month, newest first. Nothing is loaded from elsewhere.
"use strict";
(() => {
  const MOST_TITLES = 20, MOST_TEXTS = 30, AROUND = 90;
  const waiting = new Map(); // name of a file -> what to do with its data
  const shards = new Map(); // name of a month -> promise of its papers' texts
  const byMonth = new Map(); // name of a month -> its papers, in the order of the texts
  const field = document.getElementById("query");
  const status = document.getElementById("status");
  const older = document.getElementById("older");
  let papers = [], months = [], index = null, run = 0;

  // NFC and lower case without changing any length, so that places found are places in the text shown.
  const folded = (text) => Array.from(text, (c) => { const low = c.toLowerCase(); return low.length === c.length ? low : c; }).join("");

  const unpack = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };
  window.received = (name, base64) => { unpack(base64).then(waiting.get(name)).catch(() => say("This browser cannot unpack the index.")); };

  const load = (name) => {
    if (!shards.has(name)) {
      shards.set(name, new Promise((resolve, reject) => {
        waiting.set(name, (rows) => resolve(rows.map((texts) => {
          const parts = texts.map((text, i) => ({ text, low: folded(text), language: i === 1 ? "ko" : "en" }));
          return { parts, low: parts.map((part) => part.low).join("\n") };
        })));
        const script = document.createElement("script");
        script.src = `search/${name}.js`;
        script.onerror = reject;
        document.head.append(script);
      }));
    }
    return shards.get(name);
  };

  // Korean is written with particles and without spaces between some words: its words are found by their pairs of syllables.
  const tokens = (text) => text.normalize("NFC").split(/[^\p{L}\p{N}]+/u).flatMap((word) => {
    const korean = word.match(/[가-힣]+/g) || [];
    const pairs = korean.flatMap((part) => part.length < 2 ? [part] : Array.from({ length: part.length - 1 }, (_, i) => part.slice(i, i + 2)));
    return [...word.split(/[가-힣]+/), ...pairs].filter(Boolean);
  });

  waiting.set("titles", (data) => {
    months = data.shards;
    papers = data.papers.map(([month, href, day, title, korean, votes], id) => ({ id, month, href, day, title, korean, votes }));
    index = new MiniSearch({ fields: ["title", "korean"], tokenize: tokens, searchOptions: { prefix: true, combineWith: "AND", fuzzy: (term) => (term.length > 4 && !/[가-힣]/.test(term) ? 0.2 : false) } });
    index.addAll(papers);
    for (const month of months) byMonth.set(month, papers.filter((paper) => paper.month === month));
    search();
  });

  const say = (text) => { status.textContent = text; };
  const element = (tag, properties, ...children) => { const made = Object.assign(document.createElement(tag), properties); made.append(...children); return made; };

  const marked = (text, terms) => {
    const low = folded(text), places = [];
    for (const term of terms) for (let at = low.indexOf(term); at >= 0; at = low.indexOf(term, at + term.length)) places.push([at, at + term.length]);
    places.sort((a, b) => a[0] - b[0]);
    const parts = [];
    let position = 0;
    for (const [start, end] of places) {
      if (start < position) continue;
      parts.push(text.slice(position, start), element("mark", {}, text.slice(start, end)));
      position = end;
    }
    return [...parts, text.slice(position)];
  };

  // From the authors, the Korean or the English, whichever has most of the words, around the first of them.
  const snippet = ({ parts }, terms) => {
    const count = (part) => terms.filter((term) => part.low.includes(term)).length;
    const { text, low, language } = parts.reduce((best, part) => (count(part) > count(best) ? part : best));
    const at = Math.min(...terms.map((term) => low.indexOf(term)).filter((place) => place >= 0));
    const start = at > AROUND ? Math.min(at, text.indexOf(" ", at - AROUND) + 1) : 0;
    const end = text.length > at + 2 * AROUND ? Math.max(at, text.lastIndexOf(" ", at + 2 * AROUND)) : text.length;
    return element("p", { lang: language }, start > 0 ? "… " : "", ...marked(text.slice(start, end), terms), end < text.length ? " …" : "");
  };

  const hit = (paper, terms, more) => element("li", {},
    element("a", { href: paper.href }, ...marked(paper.title, terms)),
    element("p", {}, paper.day, paper.votes === null ? "" : ` · ${paper.votes} votes`),
    ...(more ? [more] : []));

  const list = (id, items, append) => {
    const section = document.getElementById(id), place = section.querySelector(".hits");
    if (!append) place.replaceChildren();
    place.append(...items);
    section.hidden = place.children.length === 0 && (id !== "texts" || older.hidden);
  };

  // Searches months from `from` on until there are enough hits; a newer search ends an older one.
  const searchTexts = async (query, terms, from, mine) => {
    let found = 0, next = from;
    older.hidden = true;
    while (next < months.length && found < MOST_TEXTS) {
      say(`Searching ${months[next]} …`);
      let rows;
      try { rows = await load(months[next]); } catch { say(`The text of ${months[next]} could not be loaded.`); return; }
      if (mine !== run) return;
      const phrase = terms.join(" ");
      const here = byMonth.get(months[next]).map((paper, i) => [paper, rows[i]]).filter(([, row]) => terms.every((term) => row.low.includes(term)));
      here.sort(([, a], [, b]) => b.low.includes(phrase) - a.low.includes(phrase));
      list("texts", here.map(([paper, row]) => hit(paper, terms, snippet(row, terms))), true);
      found += here.length;
      next += 1;
    }
    const all = document.querySelectorAll("#texts .hits li").length;
    const reach = next < months.length ? `in issues back to ${months[next - 1]}` : "in all issues";
    say(`“${query}”: ${document.querySelectorAll("#titles .hits li").length} found by title, ${all} by text ${reach}`);
    older.hidden = next >= months.length;
    older.onclick = () => { run += 1; searchTexts(query, terms, next, run); };
    document.getElementById("texts").hidden = all === 0 && older.hidden;
  };

  const search = () => {
    if (!index) return;
    const query = field.value.normalize("NFC").trim();
    const terms = folded(query).split(/\s+/).filter(Boolean);
    run += 1;
    older.hidden = true;
    list("titles", [], false);
    list("texts", [], false);
    if (!terms.length) { say(`${papers.length.toLocaleString("en")} papers to search.`); return; }
    list("titles", index.search(query).slice(0, MOST_TITLES).map((found) => hit(papers[found.id], terms)), false);
    if (query.length > 1) searchTexts(query, terms, 0, run); else say("");
  };

  let pause;
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(search, 180); });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = field.value.trim();
    try { history.replaceState(null, "", query ? `?q=${encodeURIComponent(query)}` : location.pathname); } catch { /* a file has no query */ }
    search();
  });
})();
