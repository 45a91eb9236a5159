// A window's way along the axes of what it moves over: slices, rows, columns. As `study/moving.Along`.

/** What a slice of the window is called that reads none of the input. */
export const NOTHING = "no slice";
const ONE = { kernel: 1, dilation: 1, stride: 1, before: 0, size: 1, map: 1, inner: 1, apart: 1, spans: null };

/** The three axes of what Python sends; what is no volume is one slice. */
export function axesOf(data) {
  const flat = [0, 1].map((axis) => ({
    kernel: data.kernel[axis], dilation: data.dilation[axis], stride: data.stride[axis], before: data.before[axis],
    size: data.size[axis], map: data.map[axis], inner: data.inner[axis], apart: data.apart?.[axis] ?? 1, spans: data.spans?.[axis],
  }));
  return [data.slices ?? ONE, ...flat].map((numbers) => new Along(numbers));
}

/** Slice, row and column of a cell that is counted slice by slice, row by row. */
export const placeIn = ({ rows, columns }, index) => [Math.floor(index / (rows * columns)), Math.floor(index / columns) % rows, index % columns];

class Along {
  constructor(numbers) {
    Object.assign(this, ONE, numbers);
    if (!this.spans?.length) this.spans = null; // the window is the same everywhere
  }

  /** What the window reads at a place: its first cell, how many, and how far apart they are. */
  at(place) {
    if (this.spans) return [this.spans[place][0], this.spans[place][1] - this.spans[place][0] + 1, 1];
    return [place * this.stride, this.kernel, this.dilation];
  }

  /** The cell that one cell of the window reads at a place; -1 where it reads none. */
  cell(place, tap) {
    const [first, count, step] = this.at(place);
    return tap < count && first + tap * step < this.size ? first + tap * step : -1;
  }

  /** The place whose window has its middle nearest to a point. */
  nearest(point) {
    if (!this.spans) return Math.round((point - (this.dilation * (this.kernel - 1) + 1) / 2) / this.stride);
    const away = this.spans.map(([first, last]) => Math.abs((first + last + 1) / 2 - point));
    return away.indexOf(Math.min(...away));
  }

  /** The place that the map has nearest to a number. */
  within(place) {
    return Math.min(Math.max(place, 0), this.map - 1);
  }

  /** Cells of padding before and after the input's own. */
  get rim() {
    const inner = (this.inner - 1) * this.apart + 1;
    return [this.before, this.size - this.before - inner].map((cells) => Math.max(0, cells));
  }

  /** A slice of what the window moves over, by the input's own number. */
  named(cell) {
    const at = (cell - this.before) / this.apart;
    return cell >= 0 && at >= 0 && at < this.inner && Number.isInteger(at) ? `slice ${at}` : cell < 0 || this.apart > 1 ? NOTHING : "padding";
  }
}

/** What a cell of a map sees, from what each slice, row and column of it sees; the last one stands for all after it. */
export function boxOf(sights, place, shrunk = 1) {
  if (!sights) return null;
  return sights.flatMap((spans, axis) => {
    const last = spans.length - 1;
    const by = axis < sights.length - 2 ? 1 : shrunk;
    const [from, to] = [place[axis] * by, place[axis] * by + by - 1].map((at) => spans[Math.min(at, last)]);
    return [Math.min(from[0], to[0]), Math.max(from[1], to[1])];
  });
}

const [SLICE, ROW, COLUMN, POSITION] = ["slice", "row", "column", "position"];

/** What the axes of a place are called, the last ones of a volume's; along a sequence there is one. */
const axesNamed = (count) => (count === 1 ? [POSITION] : [SLICE, ROW, COLUMN].slice(-count));

/** A place in words, of which the last `count` axes are there: "row 2, column 3", or "position 3". */
export const placeWords = (place, count) => axesNamed(count).map((name, axis) => `${name} ${place.slice(-count)[axis]}`).join(", ");

/** A box of the image, of a volume, or with `isLine` of a sequence, in words. */
export function seenWords(box, isLine = false) {
  const spans = Array.from({ length: (box?.length ?? 0) / 2 }, (_, axis) => box.slice(2 * axis, 2 * axis + 2));
  if (!spans.length || spans.some(([from, to]) => to < from)) return "nothing";
  const told = isLine ? spans.slice(-1) : spans;
  const names = axesNamed(told.length);
  return told.map(([from, to], axis) => `${names[axis]}s ${from} to ${to}`).join(", ");
}
