"use strict";
// Conveniences only: the page is whole without them.
(function () {
  var root = document.documentElement;

  // Light and dark, remembered where the browser lets us.
  function remembered() { try { return localStorage.getItem("theme"); } catch (e) { return null; } }
  function remember(value) { try { localStorage.setItem("theme", value); } catch (e) { /* a file may not */ } }
  function dark() {
    var set = root.getAttribute("data-theme");
    return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  var saved = remembered();
  if (saved === "dark" || saved === "light") root.setAttribute("data-theme", saved);
  var toggle = document.createElement("button");
  toggle.id = "theme";
  toggle.type = "button";
  function label() { toggle.textContent = dark() ? "Light page" : "Dark page"; }
  toggle.addEventListener("click", function () {
    var next = dark() ? "light" : "dark";
    root.setAttribute("data-theme", next);
    remember(next);
    label();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();
  document.querySelector(".top").appendChild(toggle);

  // Tables: a click on a head sorts by its column, a second one the other way round.
  function key(row, column) {
    var cell = row.cells[column], value = cell.getAttribute("data-value");
    return value === null ? cell.textContent.trim() : parseFloat(value);
  }
  function compare(a, b) {
    var x = typeof a === "number", y = typeof b === "number";
    if (x && y) return a - b;
    if (x !== y) return x ? -1 : 1;
    return a.localeCompare(b, "en", { numeric: true });
  }
  function sort(table, head, column) {
    var down = head.getAttribute("aria-sort") === "ascending", body = table.tBodies[0];
    table.querySelectorAll("thead th").forEach(function (h) { h.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var rows = Array.from(body.rows).map(function (row, i) { return { row: row, key: key(row, column), at: i }; });
    rows.sort(function (a, b) { return (down ? compare(b.key, a.key) : compare(a.key, b.key)) || a.at - b.at; });
    rows.forEach(function (r) { body.appendChild(r.row); });
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    table.querySelectorAll("thead th").forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.from(head.childNodes));
      button.addEventListener("click", function () { sort(table, head, column); });
      head.appendChild(button);
    });
  });

  // The contents: folded on a small screen, and the section in view is marked.
  var contents = document.querySelector(".contents");
  if (contents && !matchMedia("(min-width: 70rem)").matches) contents.open = false;
  var links = Array.from(document.querySelectorAll(".contents a"));
  if ("IntersectionObserver" in window && links.length) {
    var seen = new Map();
    var watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (e) { seen.set(e.target.id, e.isIntersecting); });
      var current = links.find(function (a) { return seen.get(a.getAttribute("href").slice(1)); });
      links.forEach(function (a) { a === current ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current"); });
    }, { rootMargin: "0px 0px -70% 0px" });
    links.forEach(function (a) {
      var section = document.getElementById(a.getAttribute("href").slice(1));
      if (section) watch.observe(section);
    });
  }

  // On paper nothing is folded.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("main details:not([open])"));
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); });
})();
