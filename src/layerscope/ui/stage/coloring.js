// What has a color in Python, in programs and in halves of them.
//
// Linear: each piece begins with another sign, what a piece has taken is never given back, and a text that never
// ends takes all the rest.

const KEYWORDS = new Set(
  ("False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda nonlocal not or pass raise return try while with yield").split(" "),
);
const PIECE = /(#[^\n]*)|("""|'''|["'])|(\.?\d[\w.]*)|([\p{L}_][\p{L}\p{N}_]*)/gu;
const INSIDE = { '"': /(?:[^"\\\n]|\\[^])*"?/y, "'": /(?:[^'\\\n]|\\[^])*'?/y };

/** Each line of `source` as a list of [kind, text]. */
export function colored(source) {
  const lines = [[]];
  const add = (kind, words) => {
    words.split("\n").forEach((row, place) => {
      if (place) lines.push([]);
      if (row) lines.at(-1).push([kind, row]);
    });
  };
  let at = 0;
  PIECE.lastIndex = 0;
  for (let match = PIECE.exec(source); match; match = PIECE.exec(source)) {
    const [words, comment, quote, number, word] = match;
    if (word && !KEYWORDS.has(word)) continue;
    if (quote) PIECE.lastIndex = endOfString(source, PIECE.lastIndex, quote);
    const end = PIECE.lastIndex;
    add("plain", source.slice(at, match.index));
    add(comment ? "comment" : quote ? "string" : number ? "number" : "word", quote ? source.slice(match.index, end) : words);
    at = end;
  }
  add("plain", source.slice(at));
  return lines;
}

function endOfString(source, start, quote) {
  if (quote.length === 1) {
    const inside = INSIDE[quote];
    inside.lastIndex = start;
    inside.test(source);
    return inside.lastIndex;
  }
  for (let end = source.indexOf(quote, start); end >= 0; end = source.indexOf(quote, end + 1)) {
    let slashes = 0;
    while (end - slashes > start && source[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end + 3;
  }
  return source.length;
}
