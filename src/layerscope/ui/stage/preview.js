// Answers to a slider that is still moving, asked for directly: one question at a time, the newest
// value next. Where the server has no such address, or is away, the events go the usual way, and later
// the line is tried again. While nothing moves, the moves that may come next are asked for ahead; a
// server that has no time to spare says so.

import { afterPaint } from "./dom.js";

const PATIENCE = 2000; // milliseconds
const [PAUSE, LONGEST_PAUSE] = [500, 60_000]; // milliseconds without asking, after one failure and after many
const QUIET = 10_000; // milliseconds without asking ahead, after the server said that it is busy
const MOST_KNOWN = 32; // answers that are kept: a hand that goes to and fro is answered from them

const nameOf = ({ key, value }) => `${key}=${value}`;

export class Preview {
  /**
   * @param {(parts: object) => void} show
   * @param {(key: string, value: any) => void} fallBack for a move that cannot be previewed
   * @param {() => void} rest called when nothing is being asked any more and the last answer is painted
   * @param {(parts: object) => void} foresee gets the first answer to a move that nobody has made yet
   */
  constructor(base, show, fallBack, rest, foresee) {
    Object.assign(this, { base, show, fallBack, rest, foresee });
    this.token = null;
    this.failures = 0;
    this.restUntil = 0;
    this.stopped = false;
    this.waiting = null;
    this.asking = false;
    this.painting = false;
    this.count = 0;
    this.pending = new Map(); // questions on the line: how to go on, by id
    this.likely = [];
    this.known = new Map(); // answers under the token: the same question has the same answer
    this.quietUntil = 0;
  }

  /** Whether an answer is awaited or about to be seen. */
  get isBusy() {
    return this.asking || this.painting;
  }

  /** Whether the line must not be used now: it failed a moment ago. */
  get missing() {
    return this.stopped || performance.now() < this.restUntil;
  }

  /** The line broke, or there is none: it is tried again after a pause, which grows with each failure. */
  broken() {
    this.restUntil = performance.now() + Math.min(PAUSE * 2 ** this.failures, LONGEST_PAUSE);
    this.failures += 1;
    return null;
  }

  /** Python's newest token; the line is opened before the first move. */
  accept(token) {
    const signature = JSON.stringify(token);
    if (signature !== this.signature) this.known.clear();
    this.signature = signature;
    this.token = token;
    if (token && !this.missing) this.open().catch(() => this.broken());
  }

  /** Whether a move can be previewed; if so, it is on its way. */
  takes(key, value) {
    if (this.missing || !this.token || typeof value !== "number") return false;
    this.waiting = { key, value };
    if (!this.asking) this.ask();
    return true;
  }

  /** One question after the other: the next one is on its way while the answer before it is drawn. */
  async ask() {
    this.asking = true;
    let [move, coming] = this.next();
    while (move) {
      const answer = await coming;
      const asked = move;
      [move, coming] = answer?.parts ? this.next() : [null, null];
      // Keys come before frames: without waiting, a picture could be drawn over before anybody saw it.
      await this.painted;
      if (answer?.parts) {
        this.show(answer.parts);
        this.painted = new Promise(afterPaint);
      } else {
        const last = this.waiting ?? asked;
        this.waiting = null;
        this.asking = false;
        this.fallBack(last.key, last.value);
      }
    }
    this.asking = false;
    if (this.waiting) return this.ask();
    // What makes the move last costs the browser some milliseconds, too: they come after its picture.
    this.painting = true;
    afterPaint(() => {
      this.painting = false;
      if (!this.asking) this.rest();
    });
  }

  /** Moves that may come next; their answers are fetched once the page is at rest. */
  expect(key, values) {
    this.likely = values.map((value) => ({ key, value }));
    afterPaint(() => this.askAhead());
  }

  async askAhead() {
    const { token, likely } = this;
    for (const move of likely) {
      const isLate = this.missing || this.isBusy || token !== this.token || likely !== this.likely;
      if (!token || isLate || performance.now() < this.quietUntil) return;
      if (this.known.has(nameOf(move))) continue;
      const answer = await this.keep(move, this.question(move, { ahead: true }).catch(() => null));
      if (answer?.busy) this.quietUntil = performance.now() + QUIET;
      if (answer?.parts && this.foresee) {
        this.foresee(answer.parts);
        this.foresee = null;
      }
    }
  }

  /** The newest move and the answer to come, null where the line is broken. */
  next() {
    const move = this.waiting;
    this.waiting = null;
    if (!move) return [null, null];
    return [move, this.answerTo(move).catch(() => this.broken())];
  }

  async answerTo(move) {
    const answer = await this.known.get(nameOf(move));
    return answer?.parts ? answer : this.keep(move, this.question(move));
  }

  /** Remember the answer to come; the oldest makes room. */
  keep(move, coming) {
    const { known } = this;
    known.delete(nameOf(move));
    known.set(nameOf(move), coming.catch(() => null));
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value);
    return coming;
  }

  /** The server's answer. An open line takes the question at once, before the answer before it is drawn. */
  question(move, more = {}) {
    const id = (this.count += 1);
    const asked = JSON.stringify({ ...this.token, ...move, ...more, id });
    const send = () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => this.pending.get(id)?.settle(null), PATIENCE);
        const settle = (answer) => {
          clearTimeout(timer);
          this.pending.delete(id);
          if (!answer) return reject(new Error("no answer"));
          this.failures = 0;
          resolve(answer);
        };
        this.pending.set(id, { line: this.line, settle });
        this.line.send(asked);
      });
    return this.isOpen() ? send() : this.open().then(send);
  }

  /** Whether the line is open, and the one that the token names: another session has another. */
  isOpen(state = WebSocket.OPEN) {
    return this.line?.readyState === state && this.line.url === this.address();
  }

  address() {
    const address = new URL(this.token.address, this.base);
    address.protocol = address.protocol.replace("http", "ws");
    return address.href;
  }

  open() {
    if (this.isOpen() || this.isOpen(WebSocket.CONNECTING)) return this.opened;
    const old = this.line;
    const line = (this.line = new WebSocket(this.address()));
    const asked = () => [...this.pending.values()].filter((one) => one.line === line);
    line.leave = () => this.line !== line && asked().length === 0 && line.close();
    this.opened = new Promise((resolve, reject) => {
      line.onopen = () => resolve(line);
      line.onclose = () => {
        reject(new Error("closed"));
        for (const { settle } of asked()) settle(null);
      };
      setTimeout(() => reject(new Error("not opened")), PATIENCE);
    });
    line.onmessage = ({ data }) => {
      const answer = JSON.parse(data);
      this.pending.get(answer.id)?.settle(answer);
      line.leave();
    };
    old?.leave();
    return this.opened;
  }

  stop() {
    this.stopped = true;
    this.line?.close();
  }
}
