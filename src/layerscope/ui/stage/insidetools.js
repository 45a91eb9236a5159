// What is chosen for a look inside: the image, the weights, the filter and the channel.

import { element, list, record, setAttributes, setText } from "./dom.js";
import { base64Of, pixelsOf } from "./ownimage.js";
import { Sketch } from "./sketch.js";
import { button } from "./window.js";

export class InsideTools {
  /** @param {(sentence: string) => void} complain says why a file is not taken */
  constructor(outbox, complain) {
    this.outbox = outbox;
    this.complain = complain;
    this.image = this.menu("inside:image");
    this.hand = this.menu("inside:weights");
    this.tensor = this.menu("inside:tensor");
    this.set = this.menu("inside:excites");
    this.number = this.stepper("inside:number");
    this.filter = this.stepper("inside:filter");
    this.channel = this.stepper("inside:channel");
    this.wanted = this.stepper("inside:wanted");
    this.seed = this.stepper("inside:seed");
    this.fields = Object.fromEntries(
      Object.entries({ image: "image", number: "number", set: "set", tensor: "tensor", filter: "filter", channel: "channel",
        wanted: "class", hand: "weights", seed: "seed" }).map(([key, label]) => [key, field(label, this[key])]),
    );
    const files = (accept, take) => {
      const node = element("input", "", { type: "file", accept, hidden: "", tabindex: "-1" });
      node.addEventListener("change", () => this.send(node, take));
      return node;
    };
    this.file = files("image/png,image/jpeg,image/webp", async (file) => ["inside:own", await pixelsOf(file, this.data.own)]);
    this.weights = files(".safetensors", async (file) => ["inside:file", await base64Of(file, this.data.file)]);
    this.sketch = new Sketch((pixels) => outbox.push("inside:drawn", pixels, "commit", true));
    this.own = button("Your image…", () => this.file.click());
    this.drawing = button("Draw…", () => this.sketch.open(this.data.own.side));
    this.fresh = button("New weights", () => outbox.push("inside:new", null));
    this.load = button("Weights file…", () => this.weights.click());
    this.unload = button("Random weights", () => outbox.push("inside:fresh", null));
    const { image, number, set, tensor, filter, channel, wanted, hand, seed } = this.fields;
    this.node = element("div", "stage-inside-tools", {}, image, number, this.own, this.drawing, this.file, set, tensor, filter,
      channel, wanted, hand, seed, this.fresh, this.load, this.unload, this.weights, this.sketch.node);
  }

  menu(key) {
    const node = element("select", "stage-select stage-menu");
    node.addEventListener("change", () => this.outbox.push(key, node.value));
    node.key = key;
    return node;
  }

  stepper(key) {
    const node = element("input", "stage-number", { type: "number", inputmode: "numeric", min: 0, step: 1 });
    node.addEventListener("input", () => {
      const wanted = Math.round(Number(node.value));
      if (node.value !== "" && wanted >= 0 && wanted <= Number(node.max)) this.outbox.push(key, wanted, "commit", true);
    });
    node.addEventListener("change", () => (node.value = node.shown));
    node.key = key;
    return node;
  }

  draw(data) {
    this.data = data;
    this.options(this.image, this.fields.image, data.image);
    this.options(this.tensor, this.fields.tensor, data.tensor);
    this.options(this.set, this.fields.set, list(data.sets?.options).length > 1 ? data.sets : null);
    this.options(this.hand, this.fields.hand, data.hand);
    this.own.hidden = this.drawing.hidden = !data.image;
    this.step(this.number, this.fields.number, "number", data.image?.number, data.image?.count);
    const [filter, channel] = data.labels ?? [];
    this.step(this.filter, this.fields.filter, filter, data.filter, data.filters);
    this.step(this.channel, this.fields.channel, channel, data.channel, data.depth);
    this.step(this.wanted, this.fields.wanted, "class", data.wanted, data.classes);
    this.step(this.seed, this.fields.seed, "seed", data.seed, data.is_weighed && !data.has_file ? data.seeds + 1 : 0);
    this.fresh.hidden = !data.is_weighed || data.has_file;
    this.load.hidden = !data.is_weighed;
    this.unload.hidden = !data.has_file;
  }

  options(select, field, choice) {
    field.hidden = !record(choice);
    if (field.hidden) return;
    const said = JSON.stringify(choice.options);
    if (select.said !== said) {
      select.said = said;
      select.replaceChildren(...list(choice.options).map(({ value, label }) => element("option", "", { value }, label)));
    }
    if (!this.outbox.owes(select.key)) select.value = choice.value;
  }

  step(input, field, label, value, count) {
    field.hidden = !(count > 1);
    if (field.hidden) return;
    setText(field.firstChild, label === "seed" ? label : `${label} (0 to ${count - 1})`);
    setAttributes(input, { max: count - 1 });
    input.shown = String(value);
    if (this.outbox.owes(input.key)) return;
    if (document.activeElement !== input || (Number(input.value) !== value && input.value !== "")) input.value = value;
  }

  async send(input, take) {
    const [file] = input.files;
    if (!file) return;
    try {
      const [key, content] = await take(file);
      this.outbox.push(key, content, "commit", true);
    } catch (problem) {
      this.complain(problem.message);
    }
    input.value = "";
  }
}

const field = (label, control) => element("label", "stage-inside-field", {}, element("span", "", {}, label), control);
