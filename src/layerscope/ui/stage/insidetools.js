// What is chosen for a look inside: the image, the weights, the filter and the channel.

import { element, list, record } from "./dom.js";
import { base64Of, pixelsOf } from "./ownimage.js";
import { Sketch } from "./sketch.js";
import { counted, Stepper } from "./stepper.js";
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
      Object.entries({ image: "image", set: "set", tensor: "tensor", hand: "weights" }).map(([key, label]) => [key, field(label, this[key])]),
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
    const { image, set, tensor, hand } = this.fields;
    this.node = element("div", "stage-inside-tools", {}, image, this.number.node, this.own, this.drawing, this.file, set, tensor, this.filter.node,
      this.channel.node, this.wanted.node, hand, this.seed.node, this.fresh, this.load, this.unload, this.weights, this.sketch.node);
  }

  menu(key) {
    const node = element("select", "stage-select stage-menu");
    node.addEventListener("change", () => this.outbox.push(key, node.value));
    node.key = key;
    return node;
  }

  stepper(key) {
    return Object.assign(new Stepper((wanted) => this.outbox.push(key, wanted, "commit", true)), { key });
  }

  draw(data) {
    this.data = data;
    this.options(this.image, this.fields.image, data.image);
    this.options(this.tensor, this.fields.tensor, data.tensor);
    this.options(this.set, this.fields.set, list(data.sets?.options).length > 1 ? data.sets : null);
    this.options(this.hand, this.fields.hand, data.hand);
    this.own.hidden = this.drawing.hidden = !data.image;
    this.step(this.number, "number", data.image?.number, data.image?.count);
    const [filter, channel] = data.labels ?? [];
    this.step(this.filter, filter, data.filter, data.filters);
    this.step(this.channel, channel, data.channel, data.depth);
    this.step(this.wanted, "class", data.wanted, data.classes);
    this.step(this.seed, "seed", data.seed, data.is_weighed && !data.has_file ? data.seeds + 1 : 0);
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

  step(stepper, label, value, count) {
    stepper.draw(label === "seed" ? label : counted(label, count), value, count, this.outbox.owes(stepper.key));
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
