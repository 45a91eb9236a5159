// Events on their way to Python: one in flight, the latest wins, a commit is never dropped.

export class Outbox {
  /** @param {(event: object) => void} send @param {number} sequence last event Python answered */
  constructor(send, sequence, patience = 2000) {
    this.send = send;
    this.sequence = sequence;
    this.patience = patience;
    this.waiting = [];
    this.unanswered = [];
    this.inFlight = null;
    this.preview = null;
  }

  /**
   * A later event replaces the one of the same key that waits directly before it, if that one is
   * an input, or if both are `replaceable` (a selection that moves on; a slider that is moved again
   * and again, faster than Python answers, where all that still waits becomes one step of undo).
   */
  push(key, value, phase = "commit", replaceable = false) {
    if (phase === "input" && this.inFlight === null && this.preview?.takes(key, value)) return;
    const event = { key, value, phase, replaceable };
    const last = this.waiting.at(-1);
    if (last?.key === key && (last.phase === "input" || (last.replaceable && replaceable))) {
      this.waiting.pop();
    }
    this.waiting.push(event);
    this.flush();
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
    if (this.inFlight !== null && sequence >= this.inFlight) this.release();
  }

  /** Whether an event of this key has not been answered: what the hand did stands meanwhile. */
  owes(key) {
    return [...this.waiting, ...this.unanswered].some((event) => event.key === key);
  }

  /** Whether an event is on its way, or about to be. */
  isBusy() {
    return this.inFlight !== null || this.waiting.length > 0 || Boolean(this.preview?.isBusy);
  }

  flush() {
    // The picture of a move comes first: what makes it last can wait those milliseconds.
    if (this.inFlight !== null || this.waiting.length === 0 || this.preview?.isBusy) return;
    const { key, value, phase } = this.waiting.shift();
    const event = { key, value, phase, sequence: (this.sequence += 1) };
    // Streamlit may fold two waiting runs into one: unanswered commits travel along.
    const earlier = this.unanswered.filter((one) => one.phase === "commit").slice(-20);
    this.unanswered.push(event);
    this.inFlight = event.sequence;
    this.timer = setTimeout(() => this.release(), this.patience);
    this.send({ ...event, earlier });
  }

  release() {
    clearTimeout(this.timer);
    this.inFlight = null;
    this.flush();
  }

  stop() {
    clearTimeout(this.timer);
    this.waiting = [];
  }
}
