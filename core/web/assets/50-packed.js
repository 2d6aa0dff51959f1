/* Answers of callbacks that are told in words this page has already (core/web/packing.py).
   DEFLATE looks back: the words are given to the browser's own inflater first, as a stored block
   (RFC 1951, 3.2.4), and cut from what comes out. Until they are here, answers come as usual. */
(function () {
  "use strict";
  const HEADER = "X-Words";
  const address = document.documentElement.dataset.words;
  let words = null;
  let name = null;

  // Adler-32 (RFC 1950): an old copy of the words would make nonsense of every answer.
  function sum(bytes) {
    let low = 1;
    let high = 0;
    for (const byte of bytes) {
      low = (low + byte) % 65521;
      high = (high + low) % 65521;
    }
    return ((high << 16) | low) >>> 0;
  }

  async function fetchWords() {
    const text = await (await fetch(address)).text();
    const bytes = new TextEncoder().encode(text.trimEnd());
    const asked = new URL(address, window.location.href).searchParams.get("m");
    if (sum(bytes).toString(16).padStart(8, "0") !== asked) return;
    words = bytes;
    name = asked;
  }

  async function unpack(answer) {
    const inflater = new DecompressionStream("deflate-raw");
    const writer = inflater.writable.getWriter();
    const length = words.length;
    const head = [0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255];
    writer.write(new Uint8Array(head)).catch(() => {});
    writer.write(words).catch(() => {});
    writer.write(new Uint8Array(await answer.arrayBuffer())).catch(() => {});
    writer.close().catch(() => {});
    const told = await new Response(inflater.readable).arrayBuffer();
    const headers = new Headers(answer.headers);
    headers.set("Content-Type", "application/json");
    headers.delete("Content-Length");
    return new Response(told.slice(length), { status: answer.status, headers });
  }

  window.balisePacked = {
    /* Return the options of a request, with the name of the words we have. */
    ask(options) {
      if (!name) return options;
      const headers = new Headers(options?.headers);
      headers.set(HEADER, name);
      return { ...options, headers };
    },
    /* Return an answer as it was before it was packed. */
    read: (answer) => (answer.headers.get(HEADER) ? unpack(answer) : answer),
  };

  if (address && "DecompressionStream" in window) fetchWords().catch(() => {});
})();
