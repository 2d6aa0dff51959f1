/* Fills the places of templates/mur.html from what the server tells; never adds nor removes a
   node. `draw(body, words)` writes what changed, `turn(seconds)` the pages of long lists,
   `ages(now)` the durations that run. */
window.WallDraw = (function () {
  "use strict";
  const PAGE_SECONDS = 10;
  const SHAPES = {
    up: "M-1,0a1,1 0 1,0 2,0a1,1 0 1,0 -2,0z",
    unknown: "M-1,0a1,1 0 1,0 2,0a1,1 0 1,0 -2,0z",
    degraded: "M0,-1.25L1.25,1L-1.25,1z",
    down: "M-1,-1h2v2h-2z",
  };
  const SIZES = { up: 7, unknown: 9, degraded: 12, down: 12 };

  const body = document.getElementById("wall-body");
  const counts = [...document.querySelectorAll(".wall-count")];
  const tiles = [...body.querySelectorAll(".leds li")];
  const lines = [...body.querySelectorAll(".wall-list li")];
  const marks = [...body.querySelectorAll(".mark")];
  const bars = [...body.querySelectorAll(".wall-bars li")];
  const side = body.querySelector(".wall-side");
  const page = document.getElementById("wall-page").dataset;
  let scene = { kind: "none" };
  let turned = [-1, -1];

  // Every place has its text node from the start: their number never changes.
  for (const place of document.querySelectorAll("#wall-page :is(b, p, small, span)")) {
    if (!place.firstChild) place.append(document.createTextNode(""));
  }

  /* Write the text of an element, whose one text node stays the same. */
  function say(element, text) {
    const node = element.firstChild;
    if (node.nodeValue !== text) node.nodeValue = text;
  }

  function set(element, name, value) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function head(box, title, aside) {
    say(box.querySelector("h2 > span"), title);
    const count = box.querySelector("h2 > .count");
    if (count) say(count, aside);
  }

  function range(number, size, shown, total) {
    if (total <= size) return "";
    const first = number * size + 1;
    return fill(page.range, { first, last: Math.min(first + size - 1, shown), total });
  }

  function word(css) {
    return page["word" + css[0].toUpperCase() + css.slice(1)] ?? "";
  }

  function drawTiles(number) {
    const from = number * tiles.length;
    tiles.forEach((tile, i) => {
      const told = scene.tiles[from + i];
      tile.hidden = !told;
      if (!told) return;
      const [led, spoken, name] = tile.children;
      set(tile, "class", "is-" + told[0]);
      set(led, "class", "led led-" + told[0]);
      say(spoken, word(told[0]));
      say(name, told[1]);
    });
    head(body.querySelector(".wall-board"), scene.title, range(number, tiles.length, scene.tiles.length, scene.total));
  }

  /* How many lines stand on one screen: a list that is alone has two columns. */
  function height() {
    return scene.kind === "lines" ? lines.length : lines.length / 2;
  }

  function drawLines(number) {
    const list = scene.list;
    const from = number * height();
    lines.forEach((line, i) => {
      const told = i < height() ? list.lines[from + i] : undefined;
      line.hidden = !told;
      line.since = told ? told[3] : null;
      if (!told) return;
      const [led, spoken, title, , note] = line.children;
      set(led, "class", told[0] ? "led led-" + told[0] : "");
      say(spoken, told[0] ? word(told[0]) : "");
      say(title, told[1]);
      say(note, told[2]);
    });
    const total = list.lines.length;
    head(side, list.title, [list.aside, range(number, height(), total, total)].filter(Boolean).join(" · "));
    side.querySelector(".wall-calm").hidden = total > 0;
  }

  function drawMarks() {
    marks.forEach((mark, i) => {
      const told = scene.marks[i];
      set(mark, "visibility", told ? "visible" : "hidden");
      if (!told) return;
      const [x, y, css, many] = told;
      const size = SIZES[css] * (many > 1 ? Math.min(1.7, 1 + Math.log10(many) * 0.45) : 1);
      set(mark, "d", SHAPES[css]);
      set(mark, "class", "mark mark-" + css);
      set(mark, "transform", `translate(${x} ${y}) scale(${size.toFixed(2)})`);
    });
    head(body.querySelector(".wall-places"), scene.title, "");
  }

  function drawBars() {
    bars.forEach((bar, i) => {
      const told = scene.bars[i];
      bar.hidden = !told;
      if (!told) return;
      const [title, value, note, line] = bar.children;
      say(title, told[0]);
      say(note, told[1]);
      say(value, told[3]);
      line.firstElementChild.style.transform = `scaleX(${told[2]})`;
    });
    head(body.querySelector(".wall-bars"), scene.title, scene.aside);
  }

  function pages(items, size) {
    return Math.max(1, Math.ceil(items / size));
  }

  return {
    say,
    set,
    fill,

    draw(told) {
      scene = told.empty ? { kind: "empty" } : told.scene;
      turned = [-1, -1];
      set(body, "data-kind", scene.kind);
      told.counts.forEach(([css, number, name], i) => {
        const [figure, label] = counts[i].lastElementChild.children;
        say(figure, number);
        say(label, name);
        counts[i].classList.toggle("alarm", css === "down" && number !== "0");
      });
      if (scene.kind === "places") drawMarks();
      if (scene.kind === "bars") drawBars();
    },

    /* `seconds` since the scene came: long boards and lists turn their pages. */
    turn(seconds) {
      const at = Math.floor(seconds / PAGE_SECONDS);
      if (scene.tiles) {
        const number = at % pages(scene.tiles.length, tiles.length);
        if (number !== turned[0]) drawTiles((turned[0] = number));
      }
      if (scene.list) {
        const number = at % pages(scene.list.lines.length, height());
        if (number !== turned[1]) drawLines((turned[1] = number));
      }
    },

    /* `now`: seconds since 1970, by the server. */
    ages(now, duration) {
      for (const line of lines) {
        if (!line.hidden) say(line.children[3], line.since ? duration(now - line.since) : "");
      }
    },
  };
})();
