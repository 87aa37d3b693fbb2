"use strict";
// Curves over epochs, drawn as SVG from the data in the page. The table beside them is the legend and the read-out.
(function () {
  var NS = "http://www.w3.org/2000/svg";
  var UNITS = { accuracy: ["accuracy, %", 1], loss: ["loss, nats", 3], gap: ["gap, points", 1], rate: ["learning rate", 0] };
  // What has no training and validation: its metric, and the head of its column.
  var SINGLE = { gap: ["accuracy_gap", "Gap"], rate: ["lr", "Rate"] };
  var PAPER = [690, 260]; // a page's width in print, and a quarter of its height: what follows a chart has room below it
  function all(selector, within) { return Array.from(within.querySelectorAll(selector)); }
  function make(name, attributes, parent) {
    var e = document.createElementNS(NS, name);
    for (var k in attributes) e.setAttribute(k, attributes[k]);
    if (parent) parent.append(e);
    return e;
  }
  // Without digits: three significant ones.
  function number(x, digits) {
    if (Math.abs(x) >= 1e6) return x.toExponential(2).replace("+", "").replace(/-/g, "\u2212");
    // Half of the last digit goes up, also where 87.35 is a little less than that in binary.
    return digits ? (x * (1 + 1e-12)).toFixed(sure(x, digits)).replace("-", "\u2212") : short(x);
  }
  // The data have five significant digits.
  function sure(x, digits) { return x ? Math.max(0, Math.min(digits, 4 - Math.floor(Math.log10(Math.abs(x))))) : digits; }
  function short(x) {
    var v = Number(x.toPrecision(3)), long = v !== 0 && (Math.abs(v) < 0.001 || Math.abs(v) >= 1e6);
    return (long ? v.toExponential().replace("+", "") : String(v)).replace(/-/g, "\u2212");
  }
  // One number of decimals a column: more where a number that seeds tell from 0 would read as 0, as `column_decimals`.
  function decimals(column, digits) {
    column.forEach(function (c) {
      var enough = [1, 2, 3, 4].find(function (n) { return n >= digits && Math.abs(c[0]) >= 0.5 * Math.pow(10, -n); });
      if (digits && enough && (c[1] > 0 || c[2] < 0)) digits = enough;
    });
    return digits;
  }
  // A number with half its interval, of which it is never said that it is 0 where digits were cut; a rate is exact. Of an
  // interval that stops on a side at what can be, both ends; of two seeds, their range.
  function spread(v, low, high, two, digits) {
    if (digits) digits = sure(v, digits) || 1;
    var text = number(v, digits);
    if (!known(low) || !known(high)) return text;
    if (low === high) return digits ? "all " + text : text;
    var ends = [number(low, digits), number(high, digits)], said = number((high - low) / 2, digits);
    if (two) return ends[0] === ends[1] ? text : ends.join(" to ");
    var last = Math.pow(10, Math.floor(Math.log10(Math.max(Math.abs(high), Math.abs(v)))) - 4);
    var cut = Math.abs(high - v - (v - low)) > Math.max(0.05 * (high - low), 2.01 * last); // not for their rounding alone
    if (cut && ends[0] !== ends[1]) return text + " (" + ends.join(" to ") + ")";
    return text + " \u00b1 " + (digits && Number(said) === 0 ? "<" + Math.pow(10, -digits) : said);
  }
  function known(x) { return typeof x === "number"; }

  // Ticks at 1, 2 or 5 times a power of ten.
  function ticks(low, high, count) {
    var rough = (high - low) / count || 1, power = Math.pow(10, Math.floor(Math.log10(rough))), found = [];
    var step = [1, 2, 5, 10].map(function (m) { return m * power; }).find(function (s) { return s >= rough * 0.999; });
    for (var v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) found.push(+v.toFixed(8));
    return found;
  }
  function logTicks(low, high) {
    var found = [];
    for (var e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
      [1, 2, 5].forEach(function (m) { var v = m * Math.pow(10, e); if (v >= low * 0.999 && v <= high * 1.001) found.push(v); });
    for (var n = 4, finer = found; finer.length < 3 && n < 40; n *= 2) finer = ticks(low, high, n);
    if (found.length < 3) return finer.length > found.length ? finer : found;
    if (found.length < 14) return found;
    var tens = found.filter(function (v) { return short(v).replace(/[0.]|e.*/g, "") === "1"; });
    var every = Math.ceil(tens.length / 10);
    return tens.filter(function (v, i) { return i % every === 0; });
  }

  function chart(part) {
    var box = part.querySelector(".curve"), plot = part.querySelector(".plot");
    var data = null, last = 1, rows = [];
    var state = { measure: "accuracy", train: true, val: true, log: false, epoch: 1 };
    var geometry = null, printing = false;
    function metric(kind) { return SINGLE[state.measure] ? SINGLE[state.measure][0] : kind + "_" + state.measure; }
    function logarithmic() { return state.measure === "rate" || (state.log && state.measure === "loss"); }
    function kinds() { return SINGLE[state.measure] ? ["val"] : ["train", "val"].filter(function (k) { return state[k]; }); }
    function lines() {
      var found = [];
      data.arms.forEach(function (arm) {
        if (!arm.shown) return;
        kinds().forEach(function (kind) {
          var s = arm.lines[metric(kind)];
          if (s) found.push({ i: arm.colour, arm: arm, kind: kind, value: s[0], low: s[1], high: s[2] });
          arm.ended.forEach(function (t) {
            var v = t[1][metric(kind)];
            if (v) found.push({ i: arm.colour, arm: arm, kind: kind, value: v, low: [], high: [], ended: t[0] });
          });
        });
      });
      return found;
    }
    function range(found, log) {
      var low = Infinity, high = -Infinity;
      found.forEach(function (l) {
        l.value.forEach(function (v, j) {
          if (!known(v)) return;
          low = Math.min(low, known(l.low[j]) ? l.low[j] : v);
          high = Math.max(high, known(l.high[j]) ? l.high[j] : v);
        });
      });
      if (low === Infinity) return [0, 1];
      if (log) {
        var least = Math.min.apply(null, found.map(function (l) { return Math.min.apply(null, l.value.filter(function (v) { return known(v) && v > 0; })); }));
        return [Math.max(low, least / 2), high];
      }
      if (state.measure !== "accuracy") low = Math.min(0, low);
      var pad = (high - low || 1) * 0.03;
      return [state.measure === "accuracy" ? low - pad : low, high + pad];
    }
    // Every line has a name at its end; where they would not fit below each other, one name says what is thin. On a phone
    // the best arm, the baseline and the arm of the effect have one, at the end of the thick line.
    function ends(found, y, height, wide) {
      var both = kinds().length === 2, meant = {}, whole;
      // An arm without a mean has a name too: at the first of its trials.
      found.forEach(function (l) { if (!l.ended) meant[l.arm.name + l.kind] = true; });
      whole = found.filter(function (l) {
        if (!l.ended) return true;
        return meant[l.arm.name + l.kind] ? false : (meant[l.arm.name + l.kind] = true);
      });
      if (!wide) whole = whole.filter(function (l) { return l.arm.named && l.kind === kinds()[kinds().length - 1]; });
      var room = whole.length * 15 <= height, first = found.length ? found[0].i : 0;
      return whole
        .filter(function (l) { return room || l.kind === "val" || !both || l.i === first; })
        .map(function (l) {
          var at = l.value.reduce(function (k, v, j) { return known(v) ? j : k; }, 0);
          var word = both && l.kind === "train" ? ", training" : l.ended ? ", " + l.ended : "";
          if (!wide) word = "";
          return { line: l, at: at, from: y(l.value[at]), y: y(l.value[at]), name: l.arm.label, word: word };
        })
        .sort(function (a, b) { return a.y - b.y; })
        .filter(function (o, i, every) {  // of more than stand below each other some have a name, evenly
          var most = Math.floor(height / 15), at = function (k) { return Math.floor(k * most / every.length); };
          return every.length <= most || i === 0 || at(i) !== at(i - 1);
        });
    }
    function apart(labels, bottom) {
      var i;
      for (i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 15);
      for (i = labels.length - 1; i >= 0; i--) labels[i].y = Math.min(labels[i].y, i === labels.length - 1 ? bottom : labels[i + 1].y - 15);
    }
    function fit(text, o, room) {
      var most = Math.min(o.name.length, 48);
      do {
        text.textContent = (o.name.length > most ? o.name.slice(0, most - 1) + "\u2026" : o.name) + o.word;
        most -= 1;
      } while (most > 2 && text.getComputedTextLength() > room);
    }
    // The name of a line that ends sooner: right or left of its end, at the nearest height that no line and no other
    // name has. It stops where those at the right begin.
    function beside(svg, o, g, taken) {
      var end = g.x(o.at + 1), left = g.right - end < (g.right - g.left) / 3, x = end + (left ? -10 : 10);
      o.text = make("text", { class: "lab", x: x, "text-anchor": left ? "end" : "start" }, svg);
      fit(o.text, o, (left ? x - g.left : g.right - x) - 4);
      var long = o.text.getComputedTextLength(), from = left ? x - long : x, to = from + long;
      function full(y) {
        return y < g.top || y > g.bottom - 8 || g.lines.some(function (l) {
          return l.value.some(function (v, j) { return known(v) && g.x(j + 1) > from - 6 && g.x(j + 1) < to + 6 && Math.abs(g.y(v) - y) < 9; });
        }) || taken.some(function (t) { return t.from < to && from < t.to && Math.abs(t.y - y) < 15; });
      }
      for (var y = o.from, k = 1; full(y) && k < 100; k++) y = o.from + (k % 2 ? -4 : 4) * Math.ceil(k / 2);
      if (k === 100) y = o.from;
      o.text.setAttribute("y", y + 4);
      make("line", { class: "ln lead a-" + o.line.i, x1: end, y1: o.from, x2: left ? to + 2 : from - 2, y2: y }, svg);
      return { from: from, to: to, y: y };
    }
    // For the longest name at an end, "training" beside it; within bounds, for the curves come first.
    function room(found, wide) {
      var named = found.filter(function (l) { return wide || l.arm.named; });
      var longest = Math.max.apply(null, named.map(function (l) { return l.arm.label.length; }).concat(0));
      return wide ? Math.min(236, Math.max(120, 7 * (longest + 10) + 24)) : Math.min(128, Math.max(64, 7 * longest + 24));
    }
    function axes(svg, g, log, low, high) {
      (log ? logTicks(low, high) : ticks(low, high, 6)).forEach(function (v) {
        make("line", { class: v === 0 ? "zero" : "grid", x1: g.left, x2: g.right, y1: g.y(v), y2: g.y(v) }, svg);
        make("text", { x: g.left - 8, y: g.y(v) + 4, "text-anchor": "end" }, svg).textContent = log && (v < 0.001 || v >= 1e6) ? short(v) : String(v).replace("-", "\u2212");
      });
      var at = last > 1 ? [1].concat(ticks(1, last, 6).filter(function (e) { return e > Math.max(1, last / 12) && e === Math.round(e); })) : [1];
      at.forEach(function (e) {
        make("line", { class: "tick", x1: g.x(e), x2: g.x(e), y1: g.bottom, y2: g.bottom + 5 }, svg);
        make("text", { x: g.x(e), y: g.bottom + 19, "text-anchor": "middle" }, svg).textContent = e;
      });
      make("line", { class: "ax", x1: g.left, x2: g.right, y1: g.bottom, y2: g.bottom }, svg);
      make("text", { x: 0, y: 12 }, svg).textContent = UNITS[state.measure][0] + (log ? ", log scale" : "");
      make("text", { x: g.right, y: g.bottom + 33, "text-anchor": "end" }, svg).textContent = "epoch";
    }
    function path(values, g, whole) {
      var pen = "M", d = "";
      values.forEach(function (v, j) {
        if (!known(v)) { if (whole) pen = "M"; return; }
        d += pen + g.x(j + 1).toFixed(1) + " " + g.y(v).toFixed(1);
        pen = "L";
      });
      return d;
    }
    function band(l, g) {
      var up = [], down = [];
      l.value.forEach(function (v, j) {
        if (!known(l.low[j]) || !known(l.high[j])) return;
        up.push(g.x(j + 1).toFixed(1) + " " + g.y(l.high[j]).toFixed(1));
        down.unshift(g.x(j + 1).toFixed(1) + " " + g.y(l.low[j]).toFixed(1));
      });
      return up.length > 1 ? "M" + up.concat(down).join("L") + "Z" : "";
    }
    function draw() {
      var paper = matchMedia("print").matches || printing, found = lines();
      var width = paper ? PAPER[0] : plot.clientWidth || 660, height = paper ? PAPER[1] : plot.clientHeight || 360, wide = width > 520;
      var log = logarithmic(), limits = range(found, log), low = limits[0], high = limits[1];
      var f = function (v) { return log ? Math.log(Math.max(v, low)) : v; };
      var g = { left: 44, right: width - room(found, wide), top: 28, bottom: height - 36, lines: found };
      g.x = function (e) { return last > 1 ? g.left + (g.right - g.left) * (e - 1) / (last - 1) : (g.left + g.right) / 2; };
      g.y = function (v) { return g.top + (g.bottom - g.top) * (1 - (f(v) - f(low)) / (f(high) - f(low) || 1)); };
      var svg = make("svg", { width: width, height: height, viewBox: "0 0 " + width + " " + height, "aria-hidden": "true" });
      plot.replaceChildren(svg);  // a text has a length only where it is shown
      axes(svg, g, log, low, high);
      found.forEach(function (l) {
        var d = l.kind === "train" && state.val ? "" : band(l, g);
        if (d) make("path", { class: "bd a-" + l.i, d: d }, svg);
      });
      found.forEach(function (l) {
        make("path", { class: "ln a-" + l.i + " " + l.kind + (l.ended ? " ended" : ""), d: path(l.value, g, l.ended !== "running") }, svg);
        var at = l.value.length;
        if (l.ended && l.ended !== "running" && known(l.value[at - 1])) {
          var x = g.x(at), y = g.y(l.value[at - 1]);
          make("path", { class: "ln end a-" + l.i, d: "M" + (x - 4) + " " + (y - 4) + "l8 8m0-8l-8 8" }, svg);
        }
      });
      var every = ends(found, g.y, g.bottom - g.top, wide);
      var labels = every.filter(function (o) { return o.at + 1 === last; });
      var sooner = every.filter(function (o) { return o.at + 1 < last; });
      apart(labels, g.bottom);
      labels.forEach(function (o) {
        make("line", { class: "ln lead a-" + o.line.i, x1: g.x(o.at + 1) + 3, y1: o.from, x2: g.right + 12, y2: o.y }, svg);
        o.text = make("text", { class: "lab", x: g.right + 16, y: o.y + 4 }, svg);
        fit(o.text, o, width - g.right - 16);
      });
      sooner.reduce(function (taken, o) { return taken.concat(beside(svg, o, g, taken)); }, []);
      g.cursor = make("g", {}, svg);
      geometry = g;
      move();
    }
    // Of an arm without a mean: its trial that runs and is farthest, up to where that is.
    function values(arm, name) {
      var runs = arm.ended.filter(function (t) { return t[0] === "running" && t[1][name]; });
      runs.sort(function (a, b) { return b[1][name].length - a[1][name].length; });
      return arm.lines[name] || (runs.length ? [runs[0][1][name], [], []] : null);
    }
    // Of an arm at the cursor: its value, both ends, whether they are of two seeds, and whether its trial runs.
    function at(arm, name) {
      var series = values(arm, name), j = Math.min(state.epoch, series ? series[0].length : 0) - 1, runs = !arm.lines[name];
      while (runs && j > 0 && !known(series[0][j])) j--;
      return series ? [series[0][j], series[1][j], series[2][j], (series[3] || [])[j], runs] : [];
    }
    function fill(place, name, digits) {
      var column = data.arms.map(function (arm) { return at(arm, name); });
      digits = decimals(column, digits);
      rows.forEach(function (row, i) {
        var td = row.querySelectorAll("td")[place], c = column[i];
        if (!known(c[0])) return put(td, "-");
        put(td, spread(c[0], c[1], c[2], c[3], digits) + (c[4] ? " \u2026" : ""));
        td.classList.toggle("ends", td.textContent.endsWith(")"));
      });
    }
    // A value leads to its arm's trials, where the page has them.
    function put(td, text) { (td.querySelector("a") || td).textContent = text; }
    function move() {
      var g = geometry, e = state.epoch, digits = UNITS[state.measure][1], said = "epoch " + e;
      g.cursor.replaceChildren();
      if (e < last || document.activeElement === plot) make("line", { class: "cur", x1: g.x(e), x2: g.x(e), y1: g.top, y2: g.bottom }, g.cursor);
      g.lines.forEach(function (l) {
        var v = l.value[Math.min(e, l.value.length) - 1];
        if (known(v) && e <= l.value.length) make("circle", { class: "pt a-" + l.i, r: l.kind === "val" ? 4 : 3, cx: g.x(e), cy: g.y(v) }, g.cursor);
      });
      part.querySelector("[data-epoch]").textContent = "Epoch " + e;
      if (!SINGLE[state.measure]) fill(0, "train_" + state.measure, digits);
      fill(1, metric("val"), digits);
      rows.forEach(function (row, i) {
        var cells = row.querySelectorAll("td"), arm = data.arms[i];
        row.className = arm.shown ? "" : "off";
        if (SINGLE[state.measure]) put(cells[0], "");
        if (arm.shown) said += "; " + arm.label + " " + cells[1].textContent;
      });
      plot.setAttribute("aria-valuenow", e);
      plot.setAttribute("aria-valuetext", said);
    }
    // Also when a live page brings other data: arms that are shown and the place of the cursor stay.
    function take() {
      var shown = {}, at_end = state.epoch >= last;
      (data ? data.arms : []).forEach(function (a) { shown[a.name] = a.shown; });
      data = JSON.parse(box.dataset.curves);
      data.arms.forEach(function (a) { if (a.name in shown) a.shown = shown[a.name]; });
      last = Number(box.dataset.epochs);
      if (at_end) state.epoch = last;
      rows = all("tbody tr", box);
      all("[data-arm]", part).forEach(function (i) {
        i.checked = data.arms[i.dataset.arm].shown;
        i.onchange = function () { data.arms[i.dataset.arm].shown = i.checked; draw(); };
      });
    }
    function set() {
      var single = SINGLE[state.measure];
      part.querySelector("[data-unit]").textContent = UNITS[state.measure][0];
      part.querySelector("[data-head='0']").textContent = single ? "" : "Training";
      part.querySelector("[data-head='1']").textContent = single ? single[1] : "Validation";
      part.querySelector("[data-parts]").disabled = !!single;
      part.querySelector("[data-axis]").disabled = state.measure !== "loss";
      draw();
    }
    function go(epoch) { state.epoch = Math.min(last, Math.max(1, epoch)); move(); }
    function bind() {
      all("[data-measure]", part).forEach(function (i) { i.onchange = function () { state.measure = i.dataset.measure; set(); }; });
      all("[data-part]", part).forEach(function (i) { i.onchange = function () { state[i.dataset.part] = i.checked; draw(); }; });
      all("[data-log]", part).forEach(function (i) { i.onchange = function () { state.log = i.dataset.log !== ""; draw(); }; });
      var chosen = part.querySelector("[data-measure]:checked");
      if (chosen) state.measure = chosen.dataset.measure;
    }
    plot.onpointermove = plot.onpointerdown = function (event) {
      var g = geometry, x = event.clientX - plot.getBoundingClientRect().left;
      go(Math.round(1 + (x - g.left) / (g.right - g.left) * (last - 1)));
    };
    plot.onpointerleave = function () { if (document.activeElement !== plot) go(last); };
    plot.onfocus = function () { move(); };
    plot.onblur = function () { go(last); };
    plot.onkeydown = function (event) {
      var by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -last, End: last }[event.key];
      if (!by) return;
      event.preventDefault();
      go(state.epoch + by);
    };
    plot.append(make("svg", {}));
    bind();
    take();
    set();
    part.addEventListener("report:data", function () { bind(); take(); set(); });
    new ResizeObserver(function () { draw(); }).observe(plot);
    addEventListener("beforeprint", function () { printing = true; draw(); });
    addEventListener("afterprint", function () { printing = false; draw(); });
  }

  // A chart in a fold is drawn when the fold opens for the first time.
  function start(part) {
    var fold = part.closest("details");
    if (!fold || fold.open) return chart(part);
    fold.addEventListener("toggle", function () { chart(part); }, { once: true });
  }
  all(".curves", document).forEach(start);
  document.addEventListener("report:new", function (event) {
    var within = event.target;
    (within.matches(".curves") ? [within] : all(".curves", within)).forEach(start);
  });
})();
