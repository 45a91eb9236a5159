// What the hand has done and Python hears of once the hand rests: after some time, or before a press that comes sooner.

export class Pause {
  /** @param {() => void} tell what to do at its end */
  constructor(outbox, tell) {
    Object.assign(this, { outbox, tell });
  }

  get isOn() {
    return this.outbox.pauses.has(this);
  }

  /** Wait from now on, so many milliseconds, or until somebody ends it. */
  start(milliseconds = null) {
    this.stop();
    this.outbox.pauses.add(this);
    if (milliseconds !== null) this.timer = setTimeout(() => this.end(), milliseconds);
  }

  /** Nothing is to be told any more. */
  stop() {
    clearTimeout(this.timer);
    this.outbox.pauses.delete(this);
  }

  /** Tell now, if something waits. */
  end() {
    if (!this.isOn) return;
    this.stop();
    this.tell();
  }
}
