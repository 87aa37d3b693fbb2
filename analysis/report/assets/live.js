"use strict";
// A page that follows a run: the server's events replace what has changed, and what a reader opened or chose stays.
(function () {
  var HEADS = { over: "Over.", interrupted: "Interrupted.", lost: "Lost." };
  var HOLDERS = "main, #studies, details.study", RETRY = 2000, CHOOSING = 5000, list = null, opened = 0;
  var sent = new WeakMap(), version = document.documentElement.dataset.version, words = null, held = false, latest = null;
  function all(selector, within) { return Array.from(within.querySelectorAll(selector)); }
  function told(node, name) { node.dispatchEvent(new Event(name, { bubbles: true })); }

  // Each part as the server sent it, before any script touched it.
  function learn(node, source) {
    sent.set(node, source);
    if (source.matches(HOLDERS)) Array.from(source.children).forEach(function (e, i) { learn(node.children[i], e); });
    return node;
  }
  ["nav.toc", "main"].forEach(function (s) { var e = document.querySelector(s); learn(e, e.cloneNode(true)); });

  // A name of each of these elements that it keeps when others come in before it: what it says of itself, and which one it
  // is of several that say the same.
  function names(elements) {
    var seen = {};
    return elements.map(function (e) {
      var own = e.tagName === "DETAILS" ? e.querySelector("summary") : e.tagName === "TABLE" ? e.caption : null;
      var row = e.closest("tr, label"), said = own || (e.matches("input, select") && row);
      var name = e.id || e.tagName + (said ? said.textContent : "") + e.getAttribute("aria-label") + JSON.stringify(Object.assign({}, e.dataset));
      seen[name] = (seen[name] || 0) + 1;
      return name + "#" + seen[name];
    });
  }

  // What a reader did to a part, to be done again to the one that takes its place.
  function done(part) {
    function each(selector, read) {
      var found = all(selector, part), called = names(found);
      return found.map(function (e, i) { return [called[i], read(e)]; });
    }
    var open = each("details", function (e) { return e.open; }), checked = each("input", function (e) { return e.checked; });
    var chosen = each("select", function (e) { return e.value; }), at = each(".table", function (e) { return e.scrollLeft; });
    var sorted = each("table", function (e) {
      var head = e.tHead && e.tHead.querySelector("[aria-sort]");
      return head && [head.cellIndex, head.getAttribute("aria-sort")];
    });
    var self = part.open, linear = part.classList.contains("linear"), focus = all("a, button, input, summary, select, [tabindex]", part).indexOf(document.activeElement);
    return function (fresh) {
      function again(selector, values, write) {
        var now = all(selector, fresh), called = names(now), same = now.length === values.length;
        now.forEach(function (e, i) {  // one that is called otherwise now, such as "4 more", is known by its place
          var found = values.find(function (v) { return v[0] === called[i]; }) || (same && !e.id && values[i]);
          if (found) write(e, found[1]);
        });
      }
      if (fresh.tagName === "DETAILS") fresh.open = self;
      if (linear) fresh.classList.add("linear");
      again("details", open, function (e, v) { e.open = v; });
      again("input", checked, function (e, v) { e.checked = v; });
      again("select", chosen, function (e, v) { e.value = v; if (e.selectedIndex < 0) e.value = ""; if (e.onchange) e.onchange(); });
      again("table", sorted, function (e, v) {
        var button = v && e.tHead.rows[0].cells[v[0]].querySelector("button");
        for (var n = button ? (v[1] === "descending" ? 2 : 1) : 0; n; n--) button.click();
      });
      again(".table", at, function (e, v) { e.scrollLeft = v; });
      var to = focus < 0 ? null : all("a, button, input, summary, select, [tabindex]", fresh)[focus];
      if (to) to.focus({ preventScroll: true });
    };
  }

  // A part in which somebody selects text, or has just opened a list, waits.
  function busy(part) {
    var selection = getSelection();
    return (!selection.isCollapsed && part.contains(selection.anchorNode)) || (part.contains(list) && Date.now() - opened < CHOOSING);
  }
  document.addEventListener("pointerdown", function (event) {
    if (event.target.tagName === "SELECT") { list = event.target; opened = Date.now(); }
  });

  // What an input of a chart is about: an arm by its name, for its number changes when another arm comes in before it.
  function about(chart, input) {
    var arm = input.dataset.arm && JSON.parse(chart.querySelector(".curve").dataset.curves).arms[input.dataset.arm];
    return JSON.stringify(arm ? { arm: arm.name } : Object.assign({}, input.dataset));
  }

  // A chart keeps its settings and takes other data, and all that is said of them: its title, what the band is, its files.
  function chart(now, next) {
    var before = sent.get(now), chosen = new Map(), at = document.activeElement, focus = now.contains(at) && at.matches("input") && about(now, at);
    all(".ctl input", now).forEach(function (i) { chosen.set(about(now, i), i.checked); });
    function take(part) {
      var old = now.querySelector(part), fresh = document.importNode(next.querySelector(part), true);
      if (before.querySelector(part).isEqualNode(fresh)) return;
      fresh.hidden = old.hidden;
      old.replaceWith(fresh);
    }
    Object.assign(now.querySelector(".curve").dataset, next.querySelector(".curve").dataset);
    now.querySelector(".plot").setAttribute("aria-valuemax", next.querySelector(".curve").dataset.epochs);
    [":scope > h4", ":scope > .ctl", ":scope > .note", "tbody"].forEach(take);
    all(".ctl input", now).forEach(function (i) { if (chosen.has(about(now, i))) i.checked = chosen.get(about(now, i)); });
    told(now, "report:data");
    var again = focus && all("input", now).find(function (i) { return about(now, i) === focus; });
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
  }

  function named(parent) {
    var seen = {};
    return new Map(Array.from(parent.children).map(function (e) {
      var name = e.id || e.tagName + (seen[e.tagName] = (seen[e.tagName] || 0) + 1);
      return [name, e];
    }));
  }

  function patch(now, next) {
    if (sent.get(now).isEqualNode(next)) return now;
    if (now.matches(HOLDERS) && next.matches(HOLDERS)) return within(now, next);
    if (now.matches(".curves") && next.matches(".curves")) {
      chart(now, next);
      sent.set(now, next);
      return now;
    }
    if (busy(now)) {
      held = true;
      return now;
    }
    var again = done(now), fresh = learn(document.importNode(next, true), next);
    now.replaceWith(fresh);
    told(fresh, "report:new");
    again(fresh);
    return fresh;
  }

  function within(now, next) {
    var mine = named(now), theirs = named(next), before = null;
    mine.forEach(function (node, name) { if (!theirs.has(name)) node.remove(); });  // first: what is moved loses the focus
    theirs.forEach(function (e, name) {
      var old = mine.get(name), node = old ? patch(old, e) : learn(document.importNode(e, true), e);
      var place = before ? before.nextElementSibling : now.firstElementChild;
      if (place !== node) now.insertBefore(node, place);
      if (!old) told(node, "report:new");
      before = node;
    });
    if (!held) sent.set(now, next);
    return now;
  }

  // A command on a line of its own: a click on it selects it whole, the button copies it. The line may come anew.
  document.addEventListener("click", function (event) {
    var copy = event.target.closest("#live-command button"), code = copy && copy.parentNode.querySelector("code");
    if (!copy) return;
    navigator.clipboard.writeText(code.textContent).then(function () {
      copy.textContent = "Copied";
      setTimeout(function () { copy.textContent = "Copy"; }, CHOOSING);
    }, function () { getSelection().selectAllChildren(code); });  // a browser that forbids it: to be copied by hand
  });

  function say() {
    if (!words) return;
    document.getElementById("live").dataset.state = words.state;
    document.getElementById("live-words").textContent = words.text;
    document.getElementById("live-state").textContent = HEADS[words.state] || "Live.";
    var command = document.getElementById("live-command");
    command.hidden = !words.command;
    command.querySelector("span").textContent = words.lead || "";
    command.querySelector("code").textContent = words.command || "";
    told(document, "report:said");
  }

  function show() {
    if (!latest) return;
    var page = new DOMParser().parseFromString(latest.html, "text/html");
    held = false;
    ["nav.toc", "main"].forEach(function (s) { patch(document.querySelector(s), page.querySelector(s)); });
    document.title = latest.title;
    say();
    if (held) return setTimeout(show, RETRY);
    version = latest.version;
    latest = null;
    document.documentElement.dataset.version = version;
    told(document, "report:shown");
  }

  function follow() {
    var events = new EventSource("events?have=" + encodeURIComponent(version));
    events.addEventListener("words", function (event) { words = JSON.parse(event.data); say(); });
    events.addEventListener("page", function (event) { latest = JSON.parse(event.data); show(); });
    events.onerror = function () {
      words = { state: "lost", text: "The connection is lost; trying again. Is study live still running?" };
      say();
      if (events.readyState === EventSource.CLOSED) setTimeout(follow, RETRY);
    };
  }
  addEventListener("load", follow);
})();
