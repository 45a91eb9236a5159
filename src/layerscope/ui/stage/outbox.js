// Events on their way to Python: one in flight, the latest wins, a commit is never dropped.
// A commit that Python has not answered is sent again, with the sequence that it had: in one session
// Python carries it out once, and after a restart of the server it is new to it.

const MOST_EARLIER = 20;

/** Marks an event whose value is the whole of its key, such as a long text: a later one makes it needless. */
export const WHOLE = "whole";
const LONGEST_PAUSE = 4000; // milliseconds between two attempts to send the same

export class Outbox {
  /** @param {(event: object) => void} send @param {number} sequence last event Python answered */
  constructor(send, sequence, patience = 2000) {
    this.send = send;
    this.sequence = sequence;
    this.patience = patience;
    this.waiting = [];
    this.unanswered = [];
    this.inFlight = null;
    this.attempts = 0;
    this.preview = null;
    this.pauses = new Set(); // what is told here once the hand rests
  }

  /** What waits for the hand to rest is told now. */
  gather() {
    for (const pause of [...this.pauses]) pause.end();
  }

  /**
   * A later event replaces the one of the same key that waits directly before it, if that one is
   * an input, or if both are `replaceable` (a selection that moves on; a slider that is moved again
   * and again, faster than Python answers, where all that still waits becomes one step of undo).
   */
  push(key, value, phase = "commit", replaceable = false) {
    if (phase === "input" && this.isForeseen(key) && this.preview?.takes(key, value)) return;
    const event = { key, value, phase, replaceable };
    const last = this.waiting.at(-1);
    if (last?.key === key && (last.phase === "input" || (last.replaceable && replaceable))) {
      this.waiting.pop();
    }
    this.waiting.push(event);
    this.flush();
  }

  /** Whether nothing is on its way but what has a known outcome, and nothing waits but moves of the same slider. */
  isForeseen(key) {
    if (this.inFlight === null) return true;
    return this.unanswered.length <= this.preview?.lead && this.waiting.every((one) => one.key === key);
  }

  /** The hand is near a slider: these values of it may come next. */
  expect(key, values) {
    this.preview?.expect(key, values);
  }

  /** Python has answered everything up to `sequence`. */
  answer(sequence) {
    if (!Number.isFinite(sequence)) return;
    this.sequence = Math.max(this.sequence, sequence);
    this.unanswered = this.unanswered.filter((event) => event.sequence > sequence);
    const isLate = this.attempts > 1; // the server was away, and is back
    this.attempts = 0;
    if (this.inFlight !== null && (sequence >= this.inFlight || isLate)) this.release();
  }

  /** Whether an event of this key has not been answered: what the hand did stands meanwhile. */
  owes(key) {
    return [...this.waiting, ...this.unanswered].some((event) => event.key === key);
  }

  /** Whether an event of any key has not been answered. */
  owesAny() {
    return this.waiting.length > 0 || this.unanswered.length > 0;
  }

  /** Whether an event is on its way, or about to be. */
  isBusy() {
    return this.inFlight !== null || this.waiting.length > 0 || Boolean(this.preview?.isBusy);
  }

  flush() {
    // The picture of a move comes first: what makes it last can wait those milliseconds.
    if (this.inFlight !== null || this.waiting.length === 0 || this.preview?.isBusy) return;
    const { key, value, phase, replaceable } = this.waiting.shift();
    if (replaceable === WHOLE) this.unanswered = this.unanswered.filter((event) => event.key !== key);
    const event = { key, value, phase, sequence: (this.sequence += 1) };
    this.unanswered.push(event);
    this.preview?.follow(event);
    this.post();
  }

  /** The newest event. Streamlit may fold two waiting runs into one: unanswered commits travel along. */
  post() {
    const event = this.unanswered.at(-1);
    const earlier = this.unanswered.filter((one) => one !== event && one.phase === "commit").slice(-MOST_EARLIER);
    this.inFlight = event.sequence;
    this.timer = setTimeout(() => this.release(), Math.min(this.patience * 2 ** this.attempts, LONGEST_PAUSE));
    this.attempts += 1;
    this.send({ ...event, earlier });
  }

  /** Go on after an answer, or without one: then the server may be away, and the last commit must not be lost. */
  release() {
    clearTimeout(this.timer);
    this.inFlight = null;
    this.flush();
    if (this.inFlight === null && this.unanswered.at(-1)?.phase === "commit") this.post();
  }

  stop() {
    clearTimeout(this.timer);
    for (const pause of this.pauses) pause.stop();
    [this.waiting, this.unanswered] = [[], []];
  }
}
