// The review page. Whatever comes out of a digest is put in as text, never as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const session = { csrf: "", folder: "" };
  const shown = new Map(); // key of a unit -> its segment on the page
  let files = [];
  let file = ""; // the digest that is shown; empty where a search goes through all
  let offset = 0;
  let asked = 0; // counts context requests, so that an old answer does not overwrite a new one

  // ---- the server

  const request = async (method, path, body) => {
    let answer;
    try {
      answer = await fetch(path, {
        method,
        headers: body || method !== "GET" ? { "Content-Type": "application/json", "X-CSRF-Token": session.csrf } : {},
        body: body && JSON.stringify(body),
      });
    } catch {
      throw new Error("The review has ended on the other side. What you wrote is kept in this browser: start `translator review` again.");
    }
    if (answer.ok) return answer.json();
    const told = await answer.text();
    let data = {};
    try { data = JSON.parse(told); } catch { data.message = told; }
    const error = new Error(typeof data.message === "string" ? data.message : `The review page was refused (${answer.status}).`);
    error.status = answer.status;
    error.unit = data.unit;
    throw error;
  };
  const query = (path, values) => request("GET", `${path}?${new URLSearchParams(values)}`);

  const notice = (text) => { $("notice").textContent = text; $("notice").hidden = !text; };
  const attempt = (action) => async (...given) => {
    notice("");
    try { await action(...given); } catch (error) { notice(error.message); }
  };

  // ---- what is written and not yet saved stays in the browser, whatever happens to the page or the server

  const keyOf = (unit) => `${unit.file}\n${unit.id}`;
  const draftKey = (unit) => `review\n${session.folder}\n${keyOf(unit)}`;
  const readDraft = (unit) => { try { return JSON.parse(localStorage.getItem(draftKey(unit))); } catch { return null; } };
  const writeDraft = (unit, text) => {
    try {
      if (text === null) localStorage.removeItem(draftKey(unit));
      else localStorage.setItem(draftKey(unit), JSON.stringify({ text, version: unit.version }));
    } catch { /* storage is off or full: the text is on the page */ }
  };

  // ---- elements

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const fillText = (place, parts) => {
    place.replaceChildren(...parts.map(([text, kind]) => {
      if (kind === "text") return document.createTextNode(text);
      const part = element(kind === "unseen" ? "span" : "mark", text, kind === "unseen" ? "unseen" : "kept");
      part.title = kind === "unseen" ? "a character that is not to be seen" : `${kind}: kept as it is`;
      return part;
    }));
  };
  const plain = (parts) => parts.map(([text, kind]) => (kind === "unseen" ? "" : text)).join("");

  // ---- a segment

  class Segment {
    constructor(unit) {
      this.root = $("segment").content.firstElementChild.cloneNode(true);
      this.text = this.part("target");
      this.busy = false;
      this.text.addEventListener("input", () => this.typed());
      this.text.addEventListener("focus", () => focusOn(this));
      this.part("save").addEventListener("click", () => this.save());
      this.part("take").addEventListener("click", () => { this.theirs && this.show(this.theirs); });
      this.part("keep").addEventListener("click", () => { this.unit.version = this.theirs.version; this.save(); });
      this.show(unit, readDraft(unit));
    }

    part(name) { return this.root.querySelector(`.${name}`); }
    get isChanged() { return this.text.value !== this.unit.target; }

    show(unit, draft = null) {
      this.unit = unit;
      this.theirs = null;
      this.part("conflict").hidden = true;
      fillText(this.part("source"), unit.source);
      const name = `${unit.file}, line ${unit.line}`;
      this.part("place").textContent = `${file ? "" : `${unit.file}, `}line ${unit.line} · ${unit.kind}`;
      this.root.setAttribute("aria-label", name);
      this.text.setAttribute("aria-label", `English of ${name}`);
      const sure = unit.origin === "machine" && unit.score < 0 ? ` · ${Math.round(Math.exp(unit.score) * 100)} % sure` : "";
      this.part("state").textContent = unit.origin === "human" ? "· reviewed" : `${unit.open ? "· to look at" : ""}${sure}`;
      this.root.classList.toggle("open", unit.open);
      this.root.classList.toggle("reviewed", unit.origin === "human");
      this.part("flags").replaceChildren(...unit.flags.map((flag) => {
        const item = element("li", `${flag.check}: ${flag.detail}`, flag.severity);
        item.title = flag.explanation;
        return item;
      }));
      this.text.value = draft ? draft.text : unit.target;
      if (draft && draft.version !== unit.version && draft.text !== unit.target) this.conflict(unit, draft.version);
      this.typed();
    }

    typed() {
      writeDraft(this.unit, this.isChanged ? this.text.value : null);
      this.root.classList.toggle("changed", this.isChanged);
      this.part("save").textContent = this.isChanged ? "Save" : "Approve";
      this.part("save").hidden = !this.isChanged && this.unit.origin === "human";
      this.say(this.isChanged ? "not saved" : "");
      if (!CSS.supports("field-sizing", "content")) this.text.rows = Math.max(2, Math.ceil(this.text.value.length / 60));
    }

    say(text) { this.part("said").textContent = text; }

    conflict(theirs, version) {
      this.theirs = theirs;
      this.unit = { ...theirs, version };
      this.part("theirs").textContent = theirs.target;
      this.part("conflict").hidden = false;
    }

    async save() {
      if (this.busy) return false;
      this.busy = true;
      this.say("saving…");
      const { file: of, id, version } = this.unit;
      const sent = this.text.value;
      try {
        const saved = await request("PUT", "/api/unit", { file: of, id, version, target: sent });
        const typedSince = this.text.value === sent ? null : { text: this.text.value, version: saved.unit.version };
        writeDraft(this.unit, null);
        this.show(saved.unit, typedSince);
        if (!typedSince) this.say(saved.others ? `saved, and ${saved.others} more with the same Korean` : "saved");
        notice(saved.notes.join("; "));
        await refresh(saved.others > 0 ? this : null);
        return true;
      } catch (error) {
        this.say("not saved");
        if (error.status === 409) this.conflict(error.unit, version);
        notice(error.message);
        return false;
      } finally {
        this.busy = false;
      }
    }

    focus() {
      this.root.scrollIntoView({ block: "center" });
      this.text.focus({ preventScroll: true });
    }
  }

  // ---- lists

  const list = () => [...shown.values()];
  const current = () => list().find((segment) => segment.root.contains(document.activeElement));
  const step = (by) => {
    const all = list();
    const here = all.indexOf(current() ?? all.find((segment) => keyOf(segment.unit) === place().key));
    all[Math.min(all.length - 1, Math.max(0, here + by))]?.focus();
  };

  const place = () => {
    const values = new URLSearchParams(location.hash.slice(1));
    return { file: values.get("file") ?? "", id: values.get("id") ?? "", key: `${values.get("file")}\n${values.get("id")}` };
  };
  const setPlace = (unit) => history.replaceState(null, "", `#${new URLSearchParams({ file: unit.file, id: unit.id })}`);

  const drawFiles = () => {
    const part = $("filter").value.trim();
    $("files").replaceChildren(...files.filter((each) => each.file.includes(part)).map((each) => {
      const item = element("li");
      const button = element("button", each.file.replace(/\.md$/, ""));
      button.type = "button";
      button.append(element("span", each.open ? `${each.open} to look at` : each.reviewed ? `${each.reviewed} reviewed` : "", "count"));
      if (each.file === file) button.setAttribute("aria-current", "true");
      button.addEventListener("click", attempt(() => open(each.file)));
      item.append(button);
      return item;
    }));
  };

  const drawProgress = () => {
    const sum = (name) => files.reduce((total, each) => total + each[name], 0);
    const [units, reviewed, left] = [sum("units"), sum("reviewed"), sum("open")];
    $("progress").textContent = `${left.toLocaleString("en")} to look at, ${reviewed.toLocaleString("en")} reviewed, of ${units.toLocaleString("en")}`;
    $("bar").value = reviewed + left ? reviewed / (reviewed + left) : 1;
    const chosen = $("check").value;
    const checks = [...new Set(files.flatMap((each) => each.checks))].sort();
    $("check").replaceChildren(new Option("any", ""), ...checks.map((check) => new Option(check, check)));
    $("check").value = checks.includes(chosen) ? chosen : "";
  };

  // After a save: the counts, and the segments on the page that have the same Korean.
  const refresh = async (saved) => {
    files = await query("/api/files", {});
    drawFiles();
    drawProgress();
    if (!saved) return;
    const same = list().filter((each) => each !== saved && plain(each.unit.source) === plain(saved.unit.source) && !each.isChanged);
    for (const of of new Set(same.map((each) => each.unit.file))) {
      const { units } = await query("/api/units", { file: of });
      const byId = new Map(units.map((unit) => [unit.id, unit]));
      for (const each of same) if (each.unit.file === of && byId.has(each.unit.id)) each.show(byId.get(each.unit.id));
    }
  };

  const filters = () => ({ q: $("words").value.trim(), show: $("show").value, check: $("check").value });

  const draw = (units) => {
    let title = null;
    for (const unit of units) {
      const paper = $("paper").value;
      if (paper && unit.title !== paper) continue;
      if (unit.title !== title) $("list").append(element("h3", (title = unit.title)));
      const segment = new Segment(unit);
      shown.set(keyOf(unit), segment);
      $("list").append(segment.root);
    }
  };

  const load = async () => {
    const { total, units } = await query("/api/units", { file, offset, ...filters() });
    if (offset === 0) { shown.clear(); $("list").replaceChildren(); }
    draw(units);
    offset += units.length;
    $("heading").textContent = file ? file.replace(/\.md$/, "") : "All digests";
    $("more").hidden = Boolean(file) || offset >= total;
    if (!total) $("list").append(element("p", "Nothing here fits.", "empty"));
    drawFiles();
  };

  const drawPapers = async () => {
    $("papers").hidden = !file;
    $("paper").replaceChildren(new Option("all", ""));
    if (!file) return;
    const { units } = await query("/api/units", { file });
    $("paper").append(...[...new Set(units.map((unit) => unit.title))].filter(Boolean).map((title) => new Option(title, title)));
  };

  const open = async (name, id = "") => {
    file = name;
    offset = 0;
    $("everywhere").checked = !name;
    await drawPapers();
    await load();
    const wanted = shown.get(`${name}\n${id}`) ?? list()[0];
    if (id) wanted?.focus();
    else if (wanted) setPlace(wanted.unit);
    $("files").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  };

  const next = async () => {
    const here = current()?.unit ?? place();
    const found = await query("/api/next", { file: here.file, id: here.id, check: $("check").value });
    if (!found) { notice("Nothing is left to look at."); return; }
    const there = shown.get(keyOf(found));
    if (there) { there.focus(); return; }
    $("words").value = "";
    $("show").value = "all";
    const check = $("check").value;
    $("check").value = ""; // the digest is shown whole, the check still leads from one to the next
    await open(found.file, found.id);
    $("check").value = check;
  };

  // ---- what helps

  const termItem = (term) => {
    const item = element("li");
    item.append(element("span", term.source, "ko"), element("span", term.target, "en"));
    if (term.count) item.append(element("span", `${term.count}×`, "count"));
    item.firstChild.lang = "ko";
    return item;
  };

  const focusOn = (segment) => help(segment).catch((error) => notice(error.message)); // what was told before stays to be read
  const help = async (segment) => {
    for (const each of list()) each.root.classList.toggle("here", each === segment);
    setPlace(segment.unit);
    const turn = ++asked;
    const found = await query("/api/context", { file: segment.unit.file, id: segment.unit.id });
    if (turn !== asked) return;
    const none = (text) => [element("li", text, "empty")];
    $("glossary").replaceChildren(...(found.glossary.length ? found.glossary.map((hit) => {
      const item = termItem(hit);
      item.append(element("span", hit.is_met ? "used" : "not used", hit.is_met ? "met" : "missed"));
      return item;
    }) : none("no term of the glossary")));
    $("matches").replaceChildren(...(found.matches.length ? found.matches.map((match) => {
      const item = element("li");
      const source = element("p");
      source.lang = "ko";
      fillText(source, match.source);
      const use = element("button", "Use");
      use.type = "button";
      use.addEventListener("click", () => { segment.text.value = match.target; segment.typed(); segment.focus(); });
      item.append(element("span", `${match.likeness} %`, "count"), source, element("p", match.target), use);
      return item;
    }) : none("nobody wrote anything for Korean like this")));
    if (!$("lookup").value) $("terms").replaceChildren(...(found.terms.length ? found.terms.map(termItem) : none("none in this segment")));
  };

  // ---- events

  const leave = async () => {
    const segment = current();
    if (!segment) return;
    const all = list();
    const following = all[all.indexOf(segment) + 1];
    following?.focus(); // at once: whoever writes does not wait, and is brought back where the save fails
    const isDone = !segment.isChanged && segment.unit.origin === "human";
    if (!isDone && !await segment.save()) segment.focus();
  };

  const undo = attempt(async () => {
    const { unit } = await request("POST", "/api/undo");
    await refresh(null);
    const there = shown.get(keyOf(unit));
    if (!there) { await open(unit.file, unit.id); return; }
    there.show(unit);
    there.say("taken back");
    there.focus();
    await refresh(there);
  });

  const keys = {
    "alt+arrowdown": () => step(1),
    "alt+arrowup": () => step(-1),
    "alt+n": attempt(next),
    "alt+z": undo,
    "ctrl+enter": leave,
    "meta+enter": leave,
    "escape": () => { const segment = current(); if (segment?.isChanged) { writeDraft(segment.unit, null); segment.show(segment.theirs ?? segment.unit); } },
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // an input method is at work
    const typing = event.target.matches("input, textarea, select");
    const name = event.code.startsWith("Key") ? event.code.slice(3) : event.key; // with Alt some keyboards make other letters
    const combined = [event.ctrlKey && "ctrl", event.altKey && "alt", event.metaKey && "meta", name.toLowerCase()].filter(Boolean).join("+");
    if (keys[combined]) { event.preventDefault(); keys[combined](); }
    else if (event.key === "/" && !typing) { event.preventDefault(); $("words").focus(); }
  });
  $("next").addEventListener("click", attempt(next));
  $("undo").addEventListener("click", undo);
  $("help").addEventListener("click", () => {
    $("keys").hidden = !$("keys").hidden;
    $("help").setAttribute("aria-expanded", String(!$("keys").hidden));
  });
  $("filter").addEventListener("input", drawFiles);
  $("paper").addEventListener("change", attempt(() => { offset = 0; return load(); }));
  $("more").addEventListener("click", attempt(load));
  $("search").addEventListener("submit", attempt(async (event) => {
    event.preventDefault();
    const everywhere = $("everywhere").checked;
    offset = 0;
    if (everywhere === !file) { await load(); return; }
    file = everywhere ? "" : place().file || files[0].file;
    await drawPapers();
    await load();
  }));
  for (const name of ["show", "check", "everywhere"]) $(name).addEventListener("change", () => $("search").requestSubmit());
  $("lookup").addEventListener("input", attempt(async () => {
    const words = $("lookup").value.trim();
    if (!words) { const segment = current() ?? shown.get(place().key); if (segment) focusOn(segment); return; }
    const turn = ++asked;
    const found = await query("/api/terms", { q: words });
    if (turn === asked) $("terms").replaceChildren(...(found.length ? found.map(termItem) : [element("li", "nothing", "empty")]));
  }));

  attempt(async () => {
    Object.assign(session, await query("/api/session", {}));
    document.title = `Review · ${session.folder}`;
    files = await query("/api/files", {});
    drawProgress();
    const wanted = place();
    const known = files.some((each) => each.file === wanted.file);
    const first = files.find((each) => each.open) ?? files[0];
    await open(known ? wanted.file : first.file, known ? wanted.id : "");
  })();
})();
