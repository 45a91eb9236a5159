// Answers to a slider that is still moving, asked for directly: one request at a time, the newest
// value next. Where the server has no such address, the events go the usual way.

export class Preview {
  /**
   * @param {(answer: object) => void} show
   * @param {(key: string, value: any) => void} fallBack for a move that cannot be previewed
   * @param {() => void} rest called when nothing is being asked any more
   */
  constructor(base, show, fallBack, rest) {
    this.base = base;
    this.show = show;
    this.fallBack = fallBack;
    this.rest = rest;
    this.token = null;
    this.missing = false;
    this.waiting = null;
    this.asking = false;
  }

  /** Whether a move can be previewed; if so, it is on its way. */
  takes(key, value) {
    if (this.missing || !this.token || typeof value !== "number") return false;
    this.waiting = { key, value };
    if (!this.asking) this.ask();
    return true;
  }

  async ask() {
    const move = this.waiting;
    const patience = new AbortController();
    this.waiting = null;
    this.asking = true;
    const timer = setTimeout(() => patience.abort(), 2000);
    let answer = null;
    try {
      const { address, ...token } = this.token;
      const response = await fetch(new URL(address, this.base), {
        method: "POST",
        body: JSON.stringify({ ...token, ...move }),
        signal: patience.signal,
      });
      if (response.ok) answer = await response.json();
    } catch {
      // no answer: treated like a refusal
    }
    clearTimeout(timer);
    this.asking = false;
    if (answer) this.show(answer);
    else {
      this.missing = true;
      const last = this.waiting ?? move;
      this.waiting = null;
      this.fallBack(last.key, last.value);
    }
    if (this.waiting) this.ask();
    else this.rest();
  }
}
