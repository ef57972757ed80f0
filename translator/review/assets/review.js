// The review page. Whatever comes out of a digest is put in as text, never as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const session = { csrf: "", folder: "", step: 0 };
  const shown = new Map(); // key of a unit -> its segment on the page
  let files = [];
  let file = ""; // the digest that is shown; empty where a search goes through all
  let last = null; // the unit that "More" goes on after
  let asked = 0; // counts requests for help, so that an old answer does not overwrite a new one
  let drawn = 0; // and those for the list

  // ---- the server

  const request = async (method, path, body) => {
    let answer;
    try {
      answer = await fetch(path, {
        method,
        headers: body ? { "Content-Type": "application/json", "X-CSRF-Token": session.csrf } : {},
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
    if (method !== "GET" && data.step !== undefined) session.step = data.step;
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

  // ---- drafts: what is written and not yet saved stays in the browser, whatever happens to the page or the server

  const keyOf = (unit) => `${unit.file}\n${unit.id}`;
  const prefix = () => `review\n${session.folder}\n`;
  const unstored = new Map(); // drafts that the browser does not take, which last as long as the page
  const parse = (text) => { try { return JSON.parse(text); } catch { return null; } };
  const readDraft = (unit) => {
    const key = prefix() + keyOf(unit);
    try { return unstored.get(key) ?? parse(localStorage.getItem(key)); } catch { return unstored.get(key) ?? null; }
  };
  const writeDraft = (unit, text) => {
    const key = prefix() + keyOf(unit);
    const draft = { file: unit.file, id: unit.id, korean: plain(unit.source), version: unit.version, text };
    try {
      localStorage.setItem(key, JSON.stringify(draft));
      unstored.delete(key);
    } catch {
      if (!unstored.size) notice("This browser keeps no drafts: what is not saved is lost when the page is closed.");
      unstored.set(key, draft);
    }
  };
  // Only the one that was written here: another window may be at the same segment.
  const dropDraft = (unit, text) => {
    const draft = readDraft(unit);
    if (!draft || draft.text !== text) return;
    unstored.delete(prefix() + keyOf(unit));
    try { localStorage.removeItem(prefix() + keyOf(unit)); } catch { /* nothing was kept */ }
  };
  const allDrafts = () => {
    const found = new Map(unstored);
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith(prefix()) && !found.has(key)) found.set(key, parse(localStorage.getItem(key)));
    } catch { /* storage is off */ }
    return [...found.values()].filter(Boolean);
  };
  window.addEventListener("beforeunload", (event) => { if (unstored.size) event.preventDefault(); });

  // ---- elements

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const button = (text, action) => {
    const made = element("button", text);
    made.type = "button";
    made.addEventListener("click", action);
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
  const unseen = (parts) => [...new Set(parts.filter(([, kind]) => kind === "unseen").map(([name]) => name))].join(" ");
  const setText = (place, text) => { if (place.textContent !== text) place.textContent = text; };

  // ---- a segment

  class Segment {
    constructor(unit) {
      this.root = $("segment").content.firstElementChild.cloneNode(true);
      this.text = this.part("target");
      this.saving = false;
      this.again = false; // asked to save while a save was going on
      this.written = null; // what was last written here, of which a draft may be kept
      this.text.addEventListener("input", () => this.typed());
      this.text.addEventListener("focus", () => focusOn(this));
      this.part("save").addEventListener("click", () => this.save());
      this.part("take").addEventListener("click", () => this.drop());
      this.part("keep").addEventListener("click", () => { this.unit = this.theirs; this.save(); });
      this.show(unit, readDraft(unit));
    }

    part(name) { return this.root.querySelector(`.${name}`); }
    get isChanged() { return this.text.value !== this.unit.target; }

    // A draft of another version than the unit's is shown as a conflict.
    show(unit, draft = null) {
      this.unit = unit;
      this.theirs = null;
      this.part("conflict").hidden = true;
      fillText(this.part("source"), unit.source);
      const name = `${unit.file}, line ${unit.line}`;
      this.part("place").textContent = `${file ? "" : `${unit.file}, `}line ${unit.line} · ${unit.kind}`;
      this.root.setAttribute("aria-label", name);
      this.text.setAttribute("aria-label", `English of ${name}`);
      const sure = unit.origin === "machine" && unit.score < 0 ? `${Math.round(Math.exp(unit.score) * 100)} % sure` : "";
      const hidden = unseen(unit.shown_target);
      const state = [unit.origin === "human" ? "reviewed" : unit.open ? "to look at" : "", sure, hidden && `the English has ${hidden}`];
      this.part("state").textContent = state.filter(Boolean).map((each) => `· ${each}`).join(" ");
      this.root.classList.toggle("open", unit.open);
      this.root.classList.toggle("reviewed", unit.origin === "human");
      this.part("flags").replaceChildren(...unit.flags.map((flag) => {
        const item = element("li", `${flag.check}: ${flag.detail}`, flag.severity);
        item.title = flag.explanation;
        return item;
      }));
      const text = draft ? draft.text : unit.target;
      this.written = draft ? draft.text : null;
      if (this.text.value !== text) this.text.value = text;
      if (draft?.text === unit.target) dropDraft(unit, draft.text); // somebody has saved the same words
      else if (draft && draft.version !== unit.version) this.conflict(unit, draft.version);
      this.draw();
    }

    draw() {
      this.root.classList.toggle("changed", this.isChanged);
      setText(this.part("save"), this.isChanged ? "Save" : "Approve");
      this.part("save").hidden = !this.isChanged && this.unit.origin === "human";
      this.say(this.isChanged ? "not saved" : "");
      if (!CSS.supports("field-sizing", "content")) this.text.rows = Math.max(2, Math.ceil(this.text.value.length / 60));
    }

    typed() {
      if (this.isChanged) writeDraft(this.unit, this.text.value);
      else dropDraft(this.unit, this.written);
      this.written = this.text.value;
      this.draw();
      drawDrafts();
    }

    say(text) { setText(this.part("said"), text); }

    conflict(theirs, version) {
      this.theirs = theirs;
      this.unit = { ...theirs, version };
      fillText(this.part("theirs"), theirs.shown_target);
      this.part("conflict").hidden = false;
    }

    // What is not saved gives way to what is.
    drop() {
      if (this.saving) return;
      dropDraft(this.unit, this.text.value);
      this.show(this.theirs ?? this.unit);
      drawDrafts();
    }

    // What is new on the other side; what is being written here stays, and meets it when it is saved.
    renew(unit) {
      if (this.saving) return; // the answer says what is
      if (!this.isChanged) this.show(unit);
      else if (unit.version !== this.unit.version) this.conflict(unit, this.unit.version);
      else if (this.theirs) this.show(unit, { text: this.text.value, version: unit.version });
    }

    async save() {
      if (this.saving) { this.again = true; return; }
      this.saving = true;
      this.again = false;
      this.say("saving…");
      const { file: of, id, version } = this.unit;
      const sent = this.text.value;
      let saved;
      try {
        saved = await request("PUT", "/api/unit", { file: of, id, version, target: sent });
      } catch (error) {
        this.say("not saved");
        if (error.status === 409) this.meet(error.unit, sent, version);
        notice(`${this.root.getAttribute("aria-label")}: ${error.message}`);
        return;
      } finally {
        this.saving = false;
      }
      session.step = Math.max(session.step, saved.step);
      dropDraft(this.unit, sent);
      const there = shown.get(keyOf(saved.unit)) ?? this; // the list may have been drawn anew meanwhile
      const isTyped = there.text.value !== sent;
      there.show(saved.unit, isTyped ? { text: there.text.value, version: saved.unit.version } : null);
      if (there.isChanged) writeDraft(there.unit, there.text.value);
      else there.say(saved.others ? `saved, and ${saved.others} more with the same Korean` : "saved");
      if (saved.notes.length) notice(saved.notes.join("; "));
      drawDrafts();
      if (this.again && this.isChanged) { await this.save(); return; }
      await recount(saved.others ? this : null).catch((error) => notice(error.message));
    }

    // Another version than the one that `sent` was made from.
    meet(unit, sent, version) {
      const isApproval = sent === this.unit.target && this.text.value === sent;
      if (isApproval || sent === unit.target) { dropDraft(this.unit, sent); this.show(unit); }
      else this.conflict(unit, version);
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
    const here = all.indexOf(current() ?? shown.get(place().key));
    all[Math.min(all.length - 1, Math.max(0, here + by))]?.focus();
  };

  const place = () => {
    const values = new URLSearchParams(location.hash.slice(1));
    return { file: values.get("file") ?? "", id: values.get("id") ?? "", key: `${values.get("file")}\n${values.get("id")}` };
  };
  const setPlace = (unit) => history.replaceState(null, "", `#${new URLSearchParams({ file: unit.file, id: unit.id })}`);
  const filters = () => ({ q: $("words").value.trim(), show: $("show").value, check: $("check").value });

  const drawFiles = () => {
    const part = $("filter").value.trim().normalize("NFC");
    $("files").replaceChildren(...files.filter((each) => each.file.normalize("NFC").includes(part)).map((each) => {
      const item = element("li");
      const choose = button(each.file.replace(/\.md$/, ""), attempt(() => open(each.file)));
      const count = each.problem ? "cannot be read" : each.open ? `${each.open} to look at` : each.reviewed ? `${each.reviewed} reviewed` : "";
      choose.append(element("span", count, "count"));
      choose.title = each.problem;
      if (each.file === file) choose.setAttribute("aria-current", "true");
      item.append(choose);
      return item;
    }));
  };

  const drawDrafts = () => {
    const drafts = allDrafts();
    $("unsaved").hidden = !drafts.length;
    $("drafts").replaceChildren(...drafts.map((draft) => {
      const item = element("li");
      const korean = element("p", draft.korean);
      korean.lang = "ko";
      const go = attempt(async () => {
        if (shown.has(keyOf(draft))) shown.get(keyOf(draft)).focus();
        else { showAll(); await open(draft.file, draft.id); }
        if (!shown.has(keyOf(draft))) notice("Its digest was changed since: copy what you wrote from the list of what is not saved.");
      });
      const drop = () => {
        const segment = shown.get(keyOf(draft));
        if (segment?.text.value === draft.text) segment.drop();
        dropDraft(draft, draft.text);
        drawDrafts();
      };
      item.append(element("span", draft.file.replace(/\.md$/, ""), "count"), korean, element("p", draft.text), button("Go there", go), button("Drop", drop));
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

  // After a save: the counts, and the segments on the page that have the same Korean as the one given.
  const recount = async (saved) => {
    files = await query("/api/files", {});
    drawFiles();
    drawProgress();
    if (!saved) return;
    const korean = plain(saved.unit.source);
    const same = list().filter((each) => each !== saved && plain(each.unit.source) === korean);
    for (const of of new Set(same.map((each) => each.unit.file))) {
      const { units } = await query("/api/units", { file: of });
      const byId = new Map(units.map((unit) => [unit.id, unit]));
      for (const each of same) if (each.unit.file === of && byId.has(each.unit.id)) each.renew(byId.get(each.unit.id));
    }
  };

  const draw = (units) => {
    const paper = $("paper").value;
    let title = null;
    for (const unit of units) {
      if ((paper && unit.title !== paper) || shown.has(keyOf(unit))) continue;
      if (unit.title !== title) $("list").append(element("h3", (title = unit.title)));
      const segment = new Segment(unit);
      shown.set(keyOf(unit), segment);
      $("list").append(segment.root);
    }
  };

  // Draws what the filters let through, from the beginning or after a unit; an answer that is no longer wanted is dropped.
  const load = async (after = null) => {
    const turn = ++drawn;
    const of = file;
    const place = after ? { after_file: after.file, after_id: after.id } : {};
    const { more, units } = await query("/api/units", { file: of, ...place, ...filters() });
    if (turn !== drawn) return;
    if (!after) { shown.clear(); $("list").replaceChildren(); }
    draw(units);
    last = units.at(-1) ?? last;
    $("heading").textContent = of ? of.replace(/\.md$/, "") : "All digests";
    $("more").hidden = !more;
    if (!shown.size) $("list").append(element("p", "Nothing here fits.", "empty"));
    drawFiles();
  };

  const drawPapers = async () => {
    const of = file;
    const { units } = of ? await query("/api/units", { file: of }) : { units: [] };
    if (of !== file) return;
    $("papers").hidden = !of;
    const titles = [...new Set(units.map((unit) => unit.title))].filter(Boolean);
    $("paper").replaceChildren(new Option("all", ""), ...titles.map((title) => new Option(title, title)));
  };

  const showAll = () => {
    $("words").value = "";
    $("show").value = "all";
    $("check").value = "";
    $("paper").value = "";
  };

  const open = async (name, id = "") => {
    const before = file;
    file = name;
    $("everywhere").checked = !name;
    try {
      await drawPapers();
      if (file !== name) return; // another one was chosen meanwhile
      await load();
    } catch (error) {
      if (file === name) file = before; // which is still to be seen
      throw error;
    }
    const wanted = shown.get(`${name}\n${id}`);
    if (wanted) wanted.focus();
    else if (list()[0]) setPlace(list()[0].unit);
    $("files").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  };

  const next = async () => {
    const here = current()?.unit ?? place();
    const check = $("check").value;
    const found = await query("/api/next", { file: here.file, id: here.id, check });
    if (!found) { notice("Nothing else is left to look at."); return; }
    const there = shown.get(keyOf(found));
    if (there) { there.focus(); return; }
    showAll();
    await open(found.file, found.id);
    $("check").value = check; // the digest is shown whole; the check still leads from one to the next
  };

  // ---- what helps

  const termItem = (term) => {
    const item = element("li");
    const korean = element("span", term.source, "ko");
    korean.lang = "ko";
    item.append(korean, element("span", term.target, "en"));
    if (term.count) item.append(element("span", `${term.count}×`, "count"));
    return item;
  };
  const filled = (place, items, none) => place.replaceChildren(...(items.length ? items : [element("li", none, "empty")]));

  const matchItem = (match, key) => {
    const item = element("li");
    const source = element("p");
    source.lang = "ko";
    fillText(source, match.source);
    const target = element("p");
    fillText(target, match.shown_target);
    const use = () => {
      const segment = shown.get(key);
      if (!segment) return;
      segment.focus();
      segment.text.select();
      document.execCommand("insertText", false, match.target); // as if typed, so that Ctrl+Z brings back what was there
    };
    item.append(element("span", `${match.likeness} %`, "count"), source, target, button("Use", use));
    return item;
  };

  const help = async (segment) => {
    for (const each of list()) each.root.classList.toggle("here", each === segment);
    setPlace(segment.unit);
    const turn = ++asked;
    await new Promise((resolve) => setTimeout(resolve, 120)); // who only passes by asks nothing
    if (turn !== asked) return;
    const found = await query("/api/context", { file: segment.unit.file, id: segment.unit.id });
    if (turn !== asked) return;
    const hits = found.glossary.map((hit) => {
      const item = termItem(hit);
      item.append(element("span", hit.is_met ? "used" : "not used", hit.is_met ? "met" : "missed"));
      return item;
    });
    filled($("glossary"), hits, "no term of the glossary");
    const key = keyOf(segment.unit);
    filled($("matches"), found.matches.map((match) => matchItem(match, key)), "nobody wrote anything for Korean like this");
    if (!$("lookup").value) filled($("terms"), found.terms.map(termItem), "none in this segment");
  };
  const focusOn = (segment) => help(segment).catch((error) => notice(error.message)); // what was told before stays to be read

  // ---- events

  const leave = () => {
    const segment = current();
    if (!segment) return;
    notice("");
    const all = list();
    all[all.indexOf(segment) + 1]?.focus(); // at once: whoever writes does not wait
    if (segment.isChanged || segment.unit.origin !== "human") segment.save();
  };

  let undoing = false;
  const undo = attempt(async () => {
    if (undoing) return;
    undoing = true;
    const { unit, step: before } = await request("POST", "/api/undo", { step: session.step }).finally(() => { undoing = false; });
    session.step = before;
    const there = shown.get(keyOf(unit));
    if (!there) { showAll(); await open(unit.file, unit.id); await recount(null); return; }
    there.renew(unit);
    there.say(there.isChanged ? "taken back; what you wrote since is not saved" : "taken back");
    there.focus();
    await recount(there);
  });

  const inSegment = {
    "ctrl+enter": leave,
    "meta+enter": leave,
    "escape": () => current().isChanged && current().drop(),
    "alt+arrowdown": () => step(1),
    "alt+arrowup": () => step(-1),
  };
  const anywhere = { "alt+n": attempt(next), "alt+z": undo };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // an input method is at work
    const typing = event.target.matches("input, textarea, select");
    const name = event.code?.startsWith("Key") ? event.code.slice(3) : event.key; // with Alt some keyboards make other letters
    const combined = [event.ctrlKey && "ctrl", event.altKey && "alt", event.metaKey && "meta", name?.toLowerCase()].filter(Boolean).join("+");
    const reachesSegments = current() || (!typing && event.altKey);
    const action = anywhere[combined] ?? (reachesSegments ? inSegment[combined] : null);
    if (action && event.repeat && !combined.includes("arrow")) event.preventDefault(); // a key held down approves nothing unread
    else if (action) { event.preventDefault(); action(); }
    else if (event.key === "/" && !typing) { event.preventDefault(); $("words").focus(); }
  });
  $("next").addEventListener("click", attempt(next));
  $("undo").addEventListener("click", undo);
  $("help").addEventListener("click", () => {
    $("keys").hidden = !$("keys").hidden;
    $("help").setAttribute("aria-expanded", String(!$("keys").hidden));
  });
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("segments").focus(); });
  $("filter").addEventListener("input", drawFiles);
  $("paper").addEventListener("change", attempt(() => load()));
  $("more").addEventListener("click", attempt(() => load(last)));
  $("search").addEventListener("submit", attempt(async (event) => {
    event.preventDefault();
    const everywhere = $("everywhere").checked;
    if (everywhere === Boolean(file)) {
      file = everywhere ? "" : place().file || (files[0]?.file ?? "");
      await drawPapers();
    }
    await load();
  }));
  for (const name of ["show", "check", "everywhere"]) $(name).addEventListener("change", () => $("search").requestSubmit());
  $("lookup").addEventListener("input", attempt(async () => {
    const words = $("lookup").value.trim();
    const turn = ++asked;
    if (!words) { const segment = shown.get(place().key); if (segment) focusOn(segment); return; }
    const found = await query("/api/terms", { q: words });
    if (turn === asked) filled($("terms"), found.map(termItem), "nothing");
  }));
  window.addEventListener("hashchange", attempt(async () => {
    const wanted = place();
    if (!files.some((each) => each.file === wanted.file)) return;
    if (shown.has(wanted.key)) shown.get(wanted.key).focus();
    else await open(wanted.file, wanted.id);
  }));

  attempt(async () => {
    Object.assign(session, await query("/api/session", {}));
    document.title = `Review · ${session.folder}`;
    files = await query("/api/files", {});
    drawProgress();
    drawDrafts();
    const wanted = place();
    const known = files.some((each) => each.file === wanted.file);
    const first = files.find((each) => each.open) ?? files[0];
    if (known) await open(wanted.file, wanted.id);
    else if (first) await open(first.file);
    else notice("Nothing was translated here.");
  })();
})();
