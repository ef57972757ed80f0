// Remembers which language the reader chose; without this script the buttons work by style alone, for the page at hand.
"use strict";
(() => {
  const KEY = "newsletter-language";
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const remember = (language) => { try { localStorage.setItem(KEY, language); } catch { /* storage is off: nothing is remembered */ } };
  const known = ["korean", "english", "both"];
  const chosen = remembered();
  if (known.includes(chosen)) root.dataset.language = chosen; // before anything is drawn

  // A picture that cannot be had leaves its placeholder to be seen.
  document.addEventListener("error", (event) => { if (event.target.matches?.(".picture img")) event.target.remove(); }, true);

  // The passage at the top of the window stays there when the languages change.
  const keepingPlace = (change) => {
    const top = [...document.querySelectorAll(".paper")].find((paper) => paper.getBoundingClientRect().bottom > 60);
    const before = top && top.getBoundingClientRect().top;
    change();
    if (top && before < 0) window.scrollBy({ top: top.getBoundingClientRect().top - before, behavior: "instant" });
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("input[name=language]")) {
      if (button.value === root.dataset.language) button.checked = true;
      button.addEventListener("change", () => {
        keepingPlace(() => { root.dataset.language = button.value; });
        remember(button.value);
      });
    }
  });
})();
