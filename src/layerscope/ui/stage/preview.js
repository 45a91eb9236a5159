// Answers to a slider that is still moving, asked for directly: one question at a time, the newest
// value next. Where the server has no such address, or is away, the events go the usual way, and later
// the line is tried again. While nothing moves, the moves that may come next are asked for ahead; a
// server that has no time to spare says so.
// An answer also says what Python's token will be once its move is made to last (`next`): what comes after that
// move is asked for with it at once, and does not wait for Python's answer to the move itself.

import { afterPaint, record } from "./dom.js";

const PATIENCE = 2000; // milliseconds
const [PAUSE, LONGEST_PAUSE] = [500, 60_000]; // milliseconds without asking, after one failure and after many
const QUIET = 10_000; // milliseconds without asking ahead, after the server said that it is busy
const MOST_KNOWN = 32; // answers that are kept: a hand that goes to and fro is answered from them

/** The event that says that the hand rests: Python draws the page around the stage anew, and changes nothing. */
export const REST = "rest";

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
    this.latest = null; // the move that was shown last and is not made to last yet, with the token after it
    this.foreseen = []; // {sequence, signature}: events on their way, with the token that Python is expected to tell
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

  /** Whether the picture shows a move that is not made to last yet: what Python says of the one before is older. */
  get leads() {
    return this.latest !== null;
  }

  /** How many events Python has not answered of which the token after them is known. */
  get lead() {
    return this.foreseen.length;
  }

  /**
   * Python's newest token, and the last event that it had answered by then. One that answers none of those whose
   * outcome is known is older than what the page shows; the line is opened before the first move.
   */
  accept(token, answered) {
    const reached = this.foreseen.filter(({ sequence }) => sequence <= answered);
    const ahead = this.foreseen.slice(reached.length);
    const isOlder = reached.length === 0 && ahead.length > 0;
    const isForeseen = reached.at(-1)?.signature === JSON.stringify(token);
    this.foreseen = isOlder || isForeseen ? ahead : [];
    if (!isOlder && !isForeseen) this.take(token);
    if (token && !this.missing) this.open().catch(() => this.broken());
  }

  take(token) {
    const signature = JSON.stringify(token);
    if (signature === this.signature) return;
    this.signature = signature;
    this.token = token;
    this.known.clear();
    this.latest = null;
  }

  /** An event goes to Python. Is it the move that was shown, made to last, Python's token after it is known. */
  follow(event) {
    const { latest } = this;
    this.latest = null;
    const isShown = event.phase === "commit" && latest?.next && nameOf(latest.move) === nameOf(event);
    if (isShown) this.take({ ...this.token, ...latest.next });
    const { signature } = this;
    if (isShown || event.key === REST) this.foreseen.push({ signature, sequence: event.sequence });
    if (isShown) afterPaint(() => this.askAhead());
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
    let [move, coming, token] = this.next();
    while (move) {
      const answer = await coming;
      const [asked, under] = [move, token];
      [move, coming, token] = answer?.parts ? this.next() : [];
      // Keys come before frames: without waiting, a picture could be drawn over before anybody saw it.
      await this.painted;
      if (answer?.parts) {
        this.latest = under === this.signature ? { move: asked, next: record(answer.parts.next) } : null;
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

  /** Moves that may come next, the likeliest first; their answers are fetched once the page is at rest. */
  expect(key, values) {
    this.likely = values.map((value) => ({ key, value }));
    afterPaint(() => this.askAhead());
  }

  /** One question after the other: a second one would tell the server that the hand has gone on. */
  async askAhead() {
    if (this.isAskingAhead) return;
    this.isAskingAhead = true;
    let answer = { parts: true };
    for (let move = this.likeliest(); move && answer?.parts; move = this.likeliest()) {
      answer = await this.keep(move, this.question(move, { ahead: true })).catch(() => null);
      if (answer?.busy) this.quietUntil = performance.now() + QUIET;
      if (answer?.parts && this.foresee) {
        this.foresee(answer.parts);
        this.foresee = null;
      }
    }
    this.isAskingAhead = false;
  }

  /** What is asked ahead next; nothing while the hand moves, or where the server has no time. */
  likeliest() {
    if (!this.token || this.missing || this.isBusy || performance.now() < this.quietUntil) return null;
    return this.likely.find((move) => !this.known.has(nameOf(move)));
  }

  /** The newest move, the answer to come, null where the line is broken, and the token that it is asked under. */
  next() {
    const move = this.waiting;
    this.waiting = null;
    if (!move) return [];
    return [move, this.answerTo(move).catch(() => this.broken()), this.signature];
  }

  async answerTo(move) {
    const answer = await this.known.get(nameOf(move));
    return answer?.parts ? answer : this.keep(move, this.question(move));
  }

  /** Remember the answer to come, unless none comes; the oldest makes room. */
  keep(move, coming) {
    const { known } = this;
    const name = nameOf(move);
    const answer = coming.catch(() => null);
    known.delete(name);
    known.set(name, answer);
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value);
    answer.then((told) => told?.parts || known.get(name) !== answer || known.delete(name));
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
