"use strict";
// What the style sheet alone does not do in every browser: all folds are open on paper, and
// a link into a fold opens it. The page says all without this script.
(() => {
  const shut = [];
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("section:not(#explore) > details")) {
      if (fold.open || fold.querySelector(":scope > .outline")) continue;
      shut.push(fold);
      fold.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const fold of shut.splice(0)) fold.open = false;
  });
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let at = target?.parentElement; at; at = at.parentElement) {
      if (at instanceof HTMLDetailsElement) at.open = true;
    }
    if (target?.closest("details")) target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
