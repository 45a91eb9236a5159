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

  /** One question after the other: the next one is on its way while the answer before it is drawn. */
  async ask() {
    this.asking = true;
    let [move, coming] = this.next();
    while (move) {
      const answer = await coming;
      const asked = move;
      [move, coming] = answer?.parts ? this.next() : [null, null];
      if (answer?.parts) this.show(answer.parts);
      else {
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

  /** The newest move and the answer to come, null where the line is broken. */
  next() {
    const move = this.waiting;
    this.waiting = null;
    if (!move) return [null, null];
    const broken = () => {
      this.missing = true;
      return null;
    };
    return [move, this.exchange({ ...this.token, ...move, id: (this.count += 1) }).catch(broken)];
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
