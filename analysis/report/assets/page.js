"use strict";
(function () {
  var root = document.documentElement;
  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  root.classList.add("js");

  // contents: closed on small screens; the place that is read is marked
  var small = matchMedia("(max-width: 1180px)"), links = all(".toc a");
  function fold() { document.querySelector(".contents").open = !small.matches; }
  fold();
  small.onchange = fold;
  document.addEventListener("click", function (event) { if (small.matches && event.target.closest(".toc a")) fold(); });
  var waiting = false;
  function mark() {
    var at = 0;
    waiting = false;
    links.forEach(function (a, i) {
      var target = document.getElementById(a.hash.slice(1));
      if (target && target.getClientRects().length && target.getBoundingClientRect().top < 140) at = i;
    });
    links.forEach(function (a, i) { if (i === at) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current"); });
  }
  addEventListener("scroll", function () { if (!waiting) waiting = !!requestAnimationFrame(mark); }, { passive: true });
  mark();

  // colours, the scale of the answers, tables, trials; of a live page parts come anew
  function bind(within) {
    all(".ctl, #theme, #scale", within).forEach(function (e) { e.hidden = false; });
    all("#theme input", within).forEach(function (i) { i.onchange = function () { root.dataset.theme = i.value; }; });
    all("#scale input", within).forEach(function (i) {
      i.onchange = function () { document.getElementById("answers").classList.toggle("linear", i.value === "lin"); };
    });
    all("table.sortable", within).forEach(sortable);
    all(".all-trials", within).forEach(filtered);
  }

  // tables: a click on a head sorts, numbers by the number behind the text
  function sortable(table) {
    var body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
    function key(row, i) {
      var cell = row.cells[i], value = cell.dataset.value;
      return value === undefined ? cell.textContent : Number(value);
    }
    function compare(a, b) {
      if (typeof a === "number" && typeof b === "number") return a - b;
      if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
      return a < b ? -1 : a > b ? 1 : 0;
    }
    heads.forEach(function (head, i) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.onclick = function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        Array.from(body.rows)
          .map(function (row) { return [key(row, i), row]; })
          .sort(function (a, b) { return (up ? 1 : -1) * compare(a[0], b[0]); })
          .forEach(function (pair) { body.append(pair[1]); });
      };
    });
  }

  // trials: by arm, and by how they ended
  function filtered(part) {
    var rows = all("tbody tr", part), count = part.querySelector("[data-count]");
    var arm = part.querySelector("[data-filter]"), ended = part.querySelector("select[data-ended]");
    // behind: only those that a number is of, and not the seeds that stand aside
    function filter(behind) {
      var one = arm.value, end = ended ? ended.value : "", shown = 0, aside = 0;
      rows.forEach(function (r) {
        var other = (one !== "" && r.dataset.arm !== one) || (end !== "" && r.dataset.ended !== end);
        r.hidden = other || (behind && "aside" in r.dataset);
        shown += r.hidden ? 0 : 1;
        aside += r.hidden && !other ? 1 : 0;
      });
      count.textContent = one === "" && end === "" ? "" : shown + " of " + rows.length + " trials" + (aside ? ", those that the number is of" : "");
    }
    part.filterTrials = filter;
    arm.onchange = function () { filter(false); };
    if (ended) ended.onchange = arm.onchange;
  }
  bind(document);
  document.addEventListener("report:new", function (event) { bind(event.target); links = all(".toc a"); mark(); });

  // a link into something folded opens it, and one to an arm's trials shows these alone
  function land() {
    var place = location.hash.slice(1);
    try { place = decodeURIComponent(place); } catch (error) { /* "#100%" is written by hand, and is no such name */ }
    var target = place && document.getElementById(place);
    if (!target) return;
    for (var e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    var part = target.tagName === "TR" && target.closest(".all-trials");
    if (part) {
      var select = part.querySelector("[data-filter]"), ended = part.querySelector("select[data-ended]");
      if (ended) ended.value = "";
      select.value = target.dataset.arm;
      part.filterTrials(!("aside" in target.dataset));
    }
    target.scrollIntoView();
  }
  addEventListener("hashchange", land);
  document.addEventListener("click", function (event) {
    var a = event.target.closest && event.target.closest("a[href^='#']");
    if (a && a.hash === location.hash) setTimeout(land);
  });
  land();
})();
