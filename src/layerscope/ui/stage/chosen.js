// The cell that was chosen of what is looked at inside: told to Python once the hand rests, as a link holds it, and taken
// over where Python names another one, as after a link was opened or after "back".

import { Pause } from "./pause.js";

const KEY = "inside:at";
const REST = 400; // milliseconds without a move after which the hand rests

/** Row and column of the cell that Python names, of a volume with the slice before them; or null. */
export const placeOf = ({ at }) => (Array.isArray(at) && at.length > 1 ? at : null);

export class Chosen {
  constructor(outbox) {
    this.outbox = outbox;
    this.said = "";
    this.pause = new Pause(outbox, () => this.send());
  }

  /** Whether the hand chose a cell that Python does not know of yet. */
  get isWaiting() {
    return this.pause.isOn || this.outbox.owes(KEY);
  }

  /** A cell was chosen by hand. */
  tell(...cell) {
    this.cell = cell.join();
    this.pause.start(REST);
  }

  /** Tell now what waits for the hand to rest: another view is opened. */
  flush() {
    this.pause.end();
  }

  send() {
    if (this.cell === this.said) return;
    this.said = this.cell;
    this.outbox.push(KEY, this.said, "commit", true);
  }

  /** The cell that Python names, where it is not the one that was told or taken last; else null. */
  taken(data) {
    const cell = placeOf(data);
    if (this.isWaiting || String(cell ?? "") === this.said) return null;
    this.said = String(cell ?? "");
    return cell;
  }
}
