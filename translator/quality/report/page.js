"use strict";
(() => {
  const fold = (text) => text.normalize("NFC").replace(/\s+/g, " ").toLowerCase();
  const number = (text) => text.toLocaleString("en");

  // A system's list of segments: what its controls ask for is shown, in their order. Gives a function that shows all.
  const listen = (panel) => {
    const controls = panel.querySelector(".controls");
    const table = panel.querySelector(".segments");
    const rows = Array.from(table.tBodies, (body) => ({ body, text: null, ...body.dataset }));
    const [lists, filters] = [controls.querySelectorAll("input[type=radio]"), controls.querySelectorAll("[data-filter]")];
    const sorting = controls.querySelector("[data-sorting]");
    const has = (names, name) => names.split(" ").includes(name);
    const textOf = (row) => (row.text ??= fold(Array.from(row.body.querySelectorAll("td"), (cell) => cell.textContent).join("\n")));
    const tests = {
      text: (row, wanted) => textOf(row).includes(fold(wanted)),
      flag: (row, wanted) => has(row.flags, wanted),
      title: (row, wanted) => row.title === wanted,
    };

    const filter = () => {
      const list = Array.from(lists).find((radio) => radio.checked).value;
      const wanted = Array.from(filters, (field) => [tests[field.dataset.filter], field.value]).filter(([, value]) => value.trim());
      let shown = 0;
      for (const row of rows) {
        const listed = !list || (list === "flagged" ? row.flags.trim() !== "" : has(row.lists, list));
        row.body.hidden = !(listed && wanted.every(([test, value]) => test(row, value)));
        shown += row.body.hidden ? 0 : 1;
      }
      controls.querySelector(".count").textContent = `${number(shown)} of ${number(rows.length)} segments shown`;
    };
    const sort = () => {
      const [, sign, key] = sorting.value.match(/^(-?)(.*)$/);
      const ordered = [...rows].sort((a, b) => (sign ? -1 : 1) * (a[key] - b[key]) || a.number - b.number);
      table.append(...ordered.map((row) => row.body));
    };
    const showAll = () => {
      lists[0].checked = true;
      for (const field of filters) field.value = "";
      filter();
    };

    for (const radio of lists) {
      radio.addEventListener("change", () => {
        sorting.value = radio.dataset.sort;
        sort();
        filter();
      });
    }
    for (const field of filters) field.addEventListener("input", filter);
    sorting.addEventListener("change", sort);
    controls.querySelector("button").addEventListener("click", showAll);
    controls.hidden = false;
    filter();
    return showAll;
  };

  const panels = Array.from(document.querySelectorAll(".system"), (panel) => ({ panel, showAll: listen(panel) }));
  const chooser = document.querySelector("#system");
  const choose = (chosen) => {
    for (const { panel } of panels) panel.hidden = panel !== chosen;
    if (chooser) chooser.value = panels.findIndex(({ panel }) => panel === chosen);
  };

  // A link to a segment shows it, whatever was filtered.
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    const found = target && panels.find(({ panel }) => panel.contains(target));
    if (!found) return;
    choose(found.panel);
    if (target.hidden) found.showAll();
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };

  if (chooser) {
    chooser.closest("p").hidden = false;
    chooser.addEventListener("change", () => choose(panels[chooser.value].panel));
  }
  choose(panels[0].panel);
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    if (event.target.closest("a")?.hash === location.hash) follow(); // the address does not change
  });
  follow();

  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => (opened = Array.from(folded())).forEach((part) => (part.open = true)));
  addEventListener("afterprint", () => opened.forEach((part) => (part.open = false)));
})();
