// Answers to a slider that is still moving, asked for directly: one question at a time, the newest
// value next. Where the server has no such address, the events go the usual way.

import { afterPaint } from "./dom.js";

const PATIENCE = 2000; // milliseconds

export class Preview {
  /**
   * @param {(parts: object) => void} show
   * @param {(key: string, value: any) => void} fallBack for a move that cannot be previewed
   * @param {() => void} rest called when nothing is being asked any more and the last answer is painted
   */
  constructor(base, show, fallBack, rest) {
    Object.assign(this, { base, show, fallBack, rest });
    this.token = null;
    this.missing = false;
    this.waiting = null;
    this.asking = false;
    this.painting = false;
    this.count = 0;
  }

  /** Whether an answer is awaited or about to be seen. */
  get isBusy() {
    return this.asking || this.painting;
  }

  /** Python's newest token; the line is opened before the first move. */
  accept(token) {
    this.token = token;
    if (token && !this.missing) this.open().catch(() => (this.missing = true));
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
    this.waiting = null;
    this.asking = true;
    let answer = null;
    try {
      answer = await this.exchange({ ...this.token, ...move, id: (this.count += 1) });
    } catch {
      this.missing = true;
    }
    this.asking = false;
    if (answer?.parts) this.show(answer.parts);
    else {
      const last = this.waiting ?? move;
      this.waiting = null;
      this.fallBack(last.key, last.value);
    }
    if (this.waiting) return this.ask();
    // What makes the move last costs the browser some milliseconds, too: they come after its picture.
    this.painting = true;
    afterPaint(() => {
      this.painting = false;
      if (!this.asking) this.rest();
    });
  }

  async exchange(question) {
    const line = await this.open();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(reject, PATIENCE);
      line.onmessage = ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.id === question.id) {
          clearTimeout(timer);
          resolve(answer);
        }
      };
      line.onclose = () => {
        clearTimeout(timer);
        reject();
      };
      line.send(JSON.stringify(question));
    });
  }

  open() {
    if (this.line && this.line.readyState <= WebSocket.OPEN) return this.opened;
    const address = new URL(this.token.address, this.base);
    address.protocol = address.protocol.replace("http", "ws");
    this.line = new WebSocket(address);
    this.opened = new Promise((resolve, reject) => {
      this.line.onopen = () => resolve(this.line);
      this.line.onclose = reject;
      setTimeout(reject, PATIENCE);
    });
    return this.opened;
  }

  stop() {
    this.missing = true;
    this.line?.close();
  }
}
