/* The wall: asks the server every few seconds, turns the scenes, and turns blind by itself rather
   than show a state that it does not know. One timer of a second does it all, so that a screen
   that slept, lost its network or was left alone for months goes on where it is. */
(function () {
  "use strict";
  const { say, set, fill, draw, turn, ages } = window.WallDraw;
  const by = (id) => document.getElementById(id);
  const page = by("wall-page").dataset;
  const wall = by("wall");
  const address = location.pathname.replace(/\/+$/, "") + "/etat";
  const POLL = Number(page.poll);
  const LOST = Math.max(15, 3 * POLL); // seconds without an answer before the wall is blind
  const LONGEST_WAIT = 60;
  const ANSWER = 10; // seconds that an answer may take
  const SHIFT = 120; // seconds between two moves of the picture against burn-in
  const SHIFTS = [[0, 0], [3, 1], [2, 3], [-1, 3], [-3, 1], [-3, -2], [0, -3], [3, -2]];
  const ALARM = 12; // seconds that a new red is shown as new
  const RELOAD = 60; // seconds between two reloads, at least
  const FORGET = 600; // seconds between two tries once the link is unknown

  // Either clock may be wrong: one is set by hand, the other stops while the computer sleeps.
  const begun = { wall: Date.now(), steady: performance.now() };
  const now = () => Math.max(Date.now() - begun.wall, performance.now() - begun.steady) / 1000;

  let told = null; // the last state
  let tag = ""; // and its ETag
  let heard = { at: 0, now: Date.now() / 1000, read: 0, collected: 0 };
  let answered = now();
  let next = 0; // when to ask again
  let misses = 0;
  let busy = false;
  let gone = false;
  let wanted = "";
  let sceneSince = 0;
  let shifted = 0;
  let alarmUntil = 0;
  let reds = null;

  const server = () => heard.now + now() - heard.at;

  function duration(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, "0");
    const days = Math.floor(s / 86400);
    const clock = `${two(Math.floor((s % 86400) / 3600))}:${two(Math.floor((s % 3600) / 60))}`;
    return days ? fill(page.days, { n: days, clock }) : `${clock}:${two(s % 60)}`;
  }

  function age(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s}\u202fs`;
    if (s < 3600) return `${Math.floor(s / 60)}\u202fmin`;
    return duration(s);
  }

  const lang = document.documentElement.lang === "en" ? "en-GB" : "fr-FR";
  const zone = { timeZone: page.zone };
  const hour = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", ...zone });
  const second = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", ...zone });
  const day = new Intl.DateTimeFormat(lang, { weekday: "long", day: "numeric", month: "long", year: "numeric", ...zone });

  async function ask() {
    busy = true;
    let wait = POLL;
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(`${address}?scene=${encodeURIComponent(wanted)}`, {
        headers,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER * 1000),
      });
      if (answer.status === 404) {
        gone = true;
        next = now() + FORGET;
        return;
      }
      if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status));
      const read = (name) => Number(answer.headers.get(name));
      const body = answer.status === 200 ? await answer.json() : told;
      heard = { at: now(), now: read("X-Balise-Now"), read: read("X-Balise-Read"), collected: read("X-Balise-Collected") };
      answered = now();
      misses = 0;
      gone = false;
      if (body !== told) take(body, answer.headers.get("ETag") ?? "");
      if (body.version !== page.version) reload();
    } catch {
      misses += 1;
      wait = Math.min(LONGEST_WAIT, POLL * 2 ** Math.min(misses - 1, 8));
    } finally {
      busy = false;
    }
    if (!gone) next = now() + wait;
  }

  function take(body, newTag) {
    const other = !told || body.scene.id !== told.scene.id;
    told = body;
    tag = newTag;
    wanted = body.scene.id;
    if (other) sceneSince = now();
    alarm(body);
    draw(body);
    say(by("wall-where"), body.where);
  }

  /* A new version of the page is loaded once the server gives it, and never in a circle. */
  async function reload() {
    const last = Number(sessionStorage.getItem("wall-reloaded") ?? 0);
    if (Math.abs(Date.now() - last) < RELOAD * 1000) return;
    try {
      const answer = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(ANSWER * 1000) });
      if (!answer.ok) return;
      sessionStorage.setItem("wall-reloaded", String(Date.now()));
      location.reload();
    } catch {
      // the server went away in between: the next answer tells the version again
    }
  }

  /* Sound: a browser plays none before a touch or a click, unless it is told to (see operating.md) */
  let audio = null;
  const button = by("wall-sound");

  function listen() {
    if (!told.sound || audio) return;
    audio = new AudioContext();
    const tell = () => (button.hidden = audio.state === "running");
    audio.addEventListener("statechange", tell);
    button.addEventListener("click", () => audio.resume());
    tell();
  }

  function ring() {
    if (!audio || audio.state !== "running") return;
    for (const start of [0, 0.35, 0.7]) {
      const tone = audio.createOscillator();
      const loud = audio.createGain();
      const at = audio.currentTime + start;
      tone.frequency.value = 880;
      loud.gain.setValueAtTime(0.0001, at);
      loud.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
      tone.connect(loud).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.3);
    }
  }

  function alarm(body) {
    listen();
    const fresh = reds ? body.down.filter((id) => !reds.has(id)) : [];
    reds = new Set(body.down);
    if (!fresh.length) return;
    if (body.flash) alarmUntil = now() + ALARM;
    if (body.sound) {
      page.rang = String(Number(page.rang ?? 0) + 1);
      ring();
    }
  }

  /* Why nothing can be shown, "" while it can. */
  function blind() {
    if (now() - answered > LOST) return "Server";
    if (!told || told.empty) return "";
    return server() - heard.collected > Number(page.limit) ? "Late" : "";
  }

  function rotate(since) {
    if (busy || told.scenes.length < 2 || since < told.seconds) return;
    const ids = told.scenes.map(([id]) => id);
    const following = ids[(ids.indexOf(told.scene.id) + 1) % ids.length];
    if (following === wanted) return; // asked already: the old scene stays until the new one is here
    wanted = following;
    tag = "";
    next = 0;
  }

  function showBlind(why) {
    say(by("wall-why"), page["blind" + why]);
    say(by("wall-old"), heard.collected ? fill(page.old, { age: duration(server() - heard.collected) }) : page.never);
    const left = Math.ceil(next - now());
    say(by("wall-retry"), busy || left <= 0 ? page.retrying : fill(page.retry, { n: left }));
  }

  function showState() {
    const at = server();
    const since = now() - sceneSince;
    say(by("wall-time"), hour.format(at * 1000));
    say(by("wall-date"), day.format(at * 1000));
    turn(since);
    ages(at, duration);
    const old = at - heard.read > Number(page.limit);
    const fresh = by("wall-fresh");
    set(fresh, "class", old ? "wall-fresh old" : "wall-fresh");
    set(fresh.firstElementChild, "class", old ? "led led-unknown" : "led led-up");
    const values = { time: heard.read ? second.format(heard.read * 1000) : "", age: age(at - heard.read) };
    say(fresh.lastElementChild, heard.read ? fill(old ? page.old : page.fresh, values) : page.never);
    const left = Math.ceil(next - now());
    say(by("wall-next"), busy || left <= 0 ? page.now : fill(misses ? page.late : page.next, { n: left }));
    const ids = told.scenes.map(([id]) => id);
    const n = ids.indexOf(told.scene.id);
    [...document.querySelectorAll(".dots i")].forEach((dot, i) => {
      dot.hidden = i >= ids.length || ids.length < 2;
      set(dot, "class", i === n ? "on" : "");
    });
    const stay = { n: n + 1, of: ids.length, left: Math.max(0, Math.ceil(told.seconds - since)) };
    say(by("wall-scene"), ids.length > 1 ? fill(page.change, stay) : "");
    wall.classList.toggle("alarmed", now() < alarmUntil);
    rotate(since);
  }

  function shift() {
    const step = Math.floor(now() / SHIFT) % SHIFTS.length;
    if (step === shifted) return;
    shifted = step;
    const [x, y] = SHIFTS[step];
    wall.style.transform = `translate(${x}px, ${y}px)`;
  }

  function tick() {
    if (!busy && now() >= next) ask();
    const why = gone ? "" : blind();
    by("wall-gone").hidden = !gone;
    by("wall-blind").hidden = !why;
    by("wall-start").hidden = gone || Boolean(why) || told !== null;
    wall.hidden = gone || Boolean(why) || told === null;
    const title = why ? `${page.blind} · ${page.title}` : page.title;
    if (document.title !== title) document.title = title; // each writing makes a new node
    if (why) showBlind(why);
    else if (!wall.hidden) showState();
    shift();
  }

  /* The screen stays lit while the wall is looked at; browsers give that over https alone. */
  async function light() {
    if (!navigator.wakeLock || document.visibilityState !== "visible") return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      page.lit = "1";
      lock.addEventListener("release", () => delete page.lit, { once: true });
    } catch {
      // refused (battery low, page hidden): asked again when the page is looked at
    }
  }

  document.addEventListener("visibilitychange", () => {
    light();
    if (document.visibilityState === "visible") tick();
  });
  window.addEventListener("online", () => {
    next = 0;
    tick();
  });
  light();
  setInterval(tick, 1000);
  tick();
})();
