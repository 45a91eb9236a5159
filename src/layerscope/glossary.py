"""The field's words, as data: what each means, an example with numbers, and which words stand near it."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Entry:
    """A word. `meaning` is one or two sentences, `example` has numbers or is "", `see` names other entries."""

    term: str
    meaning: str
    example: str = ""
    see: tuple[str, ...] = ()


ENTRIES: tuple[Entry, ...] = (
    Entry("activation", "A function applied to each value, such as ReLU. Also: what a layer puts out for one input.",
          "relu(-2) = 0, relu(3) = 3; the shape stays", ("layer", "feature map")),
    Entry("adaptive pooling", "Pooling that is told how large its output is and chooses its windows by it. So the "
          "layers behind it do not depend on the size of the images.",
          "nn.AdaptiveAvgPool2d(6): 256×13×13 becomes 256×6×6", ("pooling", "in_features")),
    Entry("argument", "The value that is passed for a parameter in a call.",
          "in nn.Conv2d(1, 6, kernel_size=5) the arguments are 1, 6 and 5", ("parameter", "hyperparameter")),
    Entry("attention", "Each position of a sequence takes a weighted mean of the values of all positions. The weights "
          "say how well its query fits their keys.", "5 queries on 7 keys: 35 weights for each head",
          ("head", "embed_dim")),
    Entry("axis", "One of the directions of a tensor, counted from 0: of a batch of images N, C, H and W.",
          "(100, 1, 28, 28): axis 1 has one place, the grey channel", ("shape", "batch axis", "NCHW")),
    Entry("batch", "Several samples that go through the network together, as one tensor.",
          "100 grayscale images: a batch of shape (100, 1, 28, 28)", ("batch axis", "N")),
    Entry("batch axis", "Axis 0 of what goes through a network: it counts the samples. Layers keep them apart; only "
          "BatchNorm, while training, takes a mean over all of them.",
          "images.shape[0] is 100 in a batch of 100; image.unsqueeze(0) makes a batch of one", ("batch", "flatten")),
    Entry("bias", "One learnable number for each output channel or feature, added to every value there.",
          "12 filters have 12 biases", ("weight", "learnable parameter")),
    Entry("channel", "One plane of axis C. Images have colour channels; behind a convolution each filter makes one.",
          "RGB: 3 channels; behind 6 filters: 6 channels", ("feature map", "in_channels", "out_channels")),
    Entry("class", "One of the answers among which the network chooses. The last Linear layer has an output for each.",
          "Fashion-MNIST: 10 classes, so out_features=10", ("logits", "out_features")),
    Entry("concatenation", "Puts tensors one after another along an axis, torch.cat. Along the channels, their numbers "
          "add up; all other axes must match.", "16×14×14 and 24×14×14 make 40×14×14",
          ("channel", "in_channels", "skip connection")),
    Entry("constructor", "The method __init__ of a class. A call of the class, such as nn.Linear(192, 120), hands its "
          "arguments to it, and it builds the layer.", "", ("signature", "argument", "module")),
    Entry("convolution", "A layer that lays each filter on every window of its input, multiplies cell by cell and adds "
          "up. The kernel is not flipped, so mathematicians say cross-correlation.",
          "28×28 under a 5×5 kernel gives 24×24", ("kernel", "filter", "stride", "padding", "cross-correlation")),
    Entry("cross-correlation", "Sliding a kernel that is not flipped, and adding products: torch's convolution.",
          "", ("convolution",)),
    Entry("d_model", "How many features each position has in a Transformer, from the first layer to the last.",
          "nn.TransformerEncoderLayer(d_model=512, nhead=8): 64 features a head", ("embed_dim", "head")),
    Entry("data-dependent", "Said of an argument that the images, the classes or the layer before decide.",
          "the first in_channels is 1 for grayscale images and 3 for RGB", ("hyperparameter", "in_features")),
    Entry("default", "The value that a parameter has where a call passes no argument for it.",
          "nn.Conv2d(1, 6, 5) has stride=1, padding=0, bias=True", ("parameter", "signature")),
    Entry("depth", "Of a filter: how many kernels it holds, in_channels / groups. Of a volume: its axis 1.",
          "6 channels, groups=1: each filter is 6 deep", ("filter", "groups")),
    Entry("dilation", "The distance between a kernel's neighbouring cells. With d a kernel of k covers d(k-1)+1.",
          "k=5, d=2 covers 9 cells along an axis with 5 weights", ("kernel_size", "receptive field")),
    Entry("dropout", "Sets values to zero at random while training, with probability p; it does nothing afterwards.",
          "p=0.5: half of the values, the others doubled", ("training",)),
    Entry("embed_dim", "How many features the queries of an attention have, and what leaves it: as many as arrive.",
          "embed_dim=512, num_heads=8: 64 features a head", ("attention", "kdim")),
    Entry("embedding", "A table with a learnable vector for each index, such as a word: looking up needs no product.",
          "nn.Embedding(1000, 64): 1,000 vectors of 64 values", ("learnable parameter", "input_size")),
    Entry("epoch", "One pass through all training data.", "60,000 images in batches of 100: 600 steps", ("training",)),
    Entry("feature", "One number of a vector that describes a sample.", "192 features enter fc1",
          ("in_features", "out_features")),
    Entry("feature map", "One output channel of a convolution: where, and how strongly, its filter answered.",
          "6 filters on 28×28 with k=5: 6 feature maps of 24×24", ("channel", "filter")),
    Entry("filter", "All kernels that together make one output channel: one kernel for each input channel.",
          "a filter for 6 channels with k=5 is 6×5×5", ("kernel", "out_channels", "weight")),
    Entry("flatten", "Lays the axes behind the batch axis into one row, so that a Linear layer can read it.",
          "(N, 12, 4, 4) becomes (N, 192)", ("batch axis", "in_features")),
    Entry("floor", "Rounding down, // in Python. A window that does not fit in whole is left out, so sizes are rounded "
          "down.", "(29 - 2) / 2 + 1 = 14.5: 14 rows leave", ("output size", "stride")),
    Entry("FLOPs", "Floating-point operations. A multiply-accumulate counts as two.", "23,040 MACs = 46,080 FLOPs",
          ("MAC",)),
    Entry("forward", "The method that says how a module computes its output. One calls the module, module(x), not "
          "module.forward(x): the call also runs hooks.", "", ("module",)),
    Entry("groups", "Cuts the channels into groups that do not see each other; a filter is in_channels / groups deep.",
          "in_channels=6, groups=2: filters of depth 3", ("filter", "in_channels")),
    Entry("head", "One of several attentions side by side, each on its own part of the features. Also: the last layers "
          "of a network.", "512 features, 8 heads: 64 each", ("attention", "embed_dim")),
    Entry("hyperparameter", "A setting that is chosen before training, often by trial and error, and that training "
          "does not change.", "kernel_size=5, out_channels=6, learning rate 0.01", ("argument", "learnable parameter")),
    Entry("in1_features", "How many values Bilinear reads from its first input: as many as its last axis has.",
          "nn.Bilinear(4, 5, 6): weight (6, 4, 5)", ("in2_features", "in_features")),
    Entry("in2_features", "How many values Bilinear reads from its second input: as many as its last axis has.",
          "nn.Bilinear(4, 5, 6): weight (6, 4, 5)", ("in1_features", "in_features")),
    Entry("in_channels", "How many channels a convolution expects: the colour channels of the images, or the "
          "out_channels before it.", "conv2 has in_channels=6 behind 6 filters", ("out_channels", "channel")),
    Entry("in_features", "How many values a Linear layer reads from a row: behind a flatten channels × height × width.",
          "12 × 4 × 4 = 192", ("out_features", "flatten")),
    Entry("input_size", "How many features a recurrent layer reads at each step: as many as the last axis has.",
          "after nn.Embedding(1000, 64): nn.LSTM(input_size=64, ...)", ("recurrent layer", "in_features")),
    Entry("kdim", "How many features the keys of an attention have; without it, as many as the queries.",
          "keys of 5×32 beside embed_dim=64: kdim=32", ("vdim", "attention")),
    Entry("kernel", "A flat grid of weights that slides over one channel. Several kernels make a filter.",
          "k=5: 25 weights", ("filter", "kernel_size")),
    Entry("kernel_size", "Height and width of each kernel: one number for a square, or a pair.",
          "kernel_size=5: output 28 - 5 + 1 = 24", ("kernel", "output size")),
    Entry("keyword argument", "An argument that is passed with its parameter's name. The order of such arguments means "
          "nothing.", "nn.Linear(out_features=120, in_features=192)", ("argument", "positional argument")),
    Entry("layer", "One step of a network: it takes a tensor and gives one. Some have weights, some only compute.",
          "", ("module", "weight")),
    Entry("lazy layer", "A layer that takes its in_features or in_channels from the first batch that it sees.",
          "nn.LazyLinear(10) behind 12×4×4: in_features becomes 192", ("in_features", "in_channels")),
    Entry("learnable parameter", "A tensor that training changes, an nn.Parameter: a layer's weight or bias.",
          "nn.Linear(192, 120): 192 × 120 + 120 = 23,160 values", ("weight", "bias", "parameter")),
    Entry("learning rate", "How far an optimizer moves the learnable parameters in one step, lr in torch.",
          "lr=0.01", ("optimizer", "hyperparameter")),
    Entry("Linear", "A layer in which every input value is tied to every output value by a weight of its own.",
          "nn.Linear(192, 120): weight (120, 192)", ("in_features", "out_features")),
    Entry("logits", "The last layer's raw values, one for each class. softmax makes probabilities of them.",
          "the largest of 10 logits is the answer", ("softmax", "class")),
    Entry("loss", "One number that says how wrong the outputs are; training makes it smaller.",
          "10 classes, untrained: near ln 10 = 2.30", ("training", "logits")),
    Entry("MAC", "Multiply-accumulate: one multiplication whose product is added to a sum. It counts a layer's work.",
          "fc1: 192 × 120 = 23,040 MACs for an image", ("FLOPs",)),
    Entry("module", "An nn.Module: a layer or a whole network. It registers the layers and parameters assigned to it.",
          "", ("forward", "layer", "state_dict")),
    Entry("N", "The usual letter for the number of samples in a batch.", "(N, C, H, W) = (100, 1, 28, 28)",
          ("batch axis", "NCHW")),
    Entry("NCHW", "torch's order of an image batch's axes: samples, channels, height, width.",
          "from N, H, W, C: x.permute(0, 3, 1, 2)", ("batch axis", "channel")),
    Entry("normalization", "Moves and scales values to mean 0 and variance 1, and then by learnable factors.",
          "BatchNorm2d(6): 6 factors and 6 shifts", ("num_features",)),
    Entry("num_channels", "The channels that a GroupNorm takes: as many as arrive.", "", ("normalization", "channel")),
    Entry("num_features", "How many channels or features a BatchNorm expects: as many as arrive.",
          "behind 6 filters: nn.BatchNorm2d(6)", ("normalization", "channel")),
    Entry("optimizer", "What changes the learnable parameters after each batch, such as Adam.", "",
          ("training", "learnable parameter")),
    Entry("out_channels", "How many filters a convolution has, and so how many feature maps leave it. You choose it.",
          "out_channels=6: 6 maps", ("filter", "in_channels")),
    Entry("out_features", "How many values a Linear layer puts out for a row: your choice, in the last the classes.",
          "nn.Linear(60, 10): 10 values", ("in_features", "class")),
    Entry("output size", "What leaves a sliding layer along one axis: floor((i + 2p - d(k-1) - 1) / s) + 1.",
          "i=28, k=5: 24; then pooling by 2: 12", ("kernel_size", "stride", "padding", "dilation")),
    Entry("padding", "Cells, usually zeros, added on each side before the kernel slides.",
          'k=5, padding=2 keeps 28 at 28; so does "same"', ("output size", "stride")),
    Entry("parameter", "A name in a function's signature, filled by an argument. People also say it for what "
          "training changes.", "kernel_size is a parameter of nn.Conv2d", ("argument", "learnable parameter")),
    Entry("pooling", "Makes maps smaller: each window leaves its largest value or its mean. It has no weights.",
          "MaxPool2d(2): 24×24 becomes 12×12", ("stride", "feature map", "adaptive pooling")),
    Entry("positional argument", "An argument that is passed without a name: the first fills the first parameter of "
          "the signature, the second the second.", "nn.Linear(192, 120): in_features=192",
          ("argument", "keyword argument")),
    Entry("projection", "A convolution of 1×1 on a skip connection that brings its channels, and with a stride its "
          "size, to those of the main path.", "nn.Conv2d(16, 32, kernel_size=1, stride=2): 16×28×28 becomes 32×14×14",
          ("skip connection", "convolution")),
    Entry("receptive field", "The cells of the input that one output value depends on. It grows from layer to layer.",
          "two 3×3 convolutions: 5×5 cells", ("kernel_size", "dilation")),
    Entry("recurrent layer", "A layer that reads a sequence step by step and carries a state along: RNN, LSTM, GRU.",
          "LSTM, 64 features to a state of 128: 4·128·(64 + 128 + 2) parameters", ("input_size", "weight")),
    Entry("ReLU", "An activation: negative values become 0, the others stay.", "-2, 0, 3 become 0, 0, 3",
          ("activation",)),
    Entry("run", "Training a network once with one setting of its hyperparameters. A grid of settings has as many runs "
          "as combinations.", "2 learning rates and 3 batch sizes: 6 runs", ("hyperparameter", "training")),
    Entry("sample", "One example, such as one image.", "a batch of 100 has 100 samples", ("batch",)),
    Entry("shape", "How many values a tensor has along each axis.", "(100, 1, 28, 28) has 4 axes", ("tensor", "NCHW")),
    Entry("signature", "A function's parameters in their order, with their defaults: what a call must and may pass.",
          "Linear(in_features, out_features, bias=True, ...)", ("parameter", "default", "constructor")),
    Entry("skip connection", "Carries what goes into some layers around them and joins it with what comes out, by a "
          "sum (ResNet) or a concatenation (DenseNet, U-Net).", "y = conv(x) + x: both 16×28×28, and y too",
          ("projection", "concatenation")),
    Entry("softmax", "Makes positive numbers that add up to 1 of logits.", "logits 0 and 0: 0.5 and 0.5", ("logits",)),
    Entry("state_dict", "A module's tensors by name, to save and load.", "conv1.weight, conv1.bias, fc1.weight, ...",
          ("module", "learnable parameter")),
    Entry("stride", "How far the kernel moves from one window to the next. A stride of 2 gives about half the "
          "size that stride 1 gives.",
          "i=28, k=2, s=2: 14", ("output size", "padding")),
    Entry("tensor", "Numbers in a grid with any number of axes.", "an RGB image: 3 × 28 × 28 numbers", ("shape",)),
    Entry("training", "Changing the learnable parameters, batch by batch, so that the loss becomes smaller.", "",
          ("loss", "optimizer", "epoch")),
    Entry("transposed convolution", "Spreads each value over a window, weighted by a kernel, and adds where windows "
          "overlap: with a stride the maps grow. Its weight is (in, out / groups, kernel).",
          "7×7, k=4, s=2, p=1: (7-1)·2 - 2·1 + 4 = 14", ("convolution", "stride")),
    Entry("vdim", "How many features the values of an attention have; without it, as many as the queries.",
          "values of 5×48 beside embed_dim=64: vdim=48", ("kdim", "attention")),
    Entry("weight", "The tensor by which a layer multiplies its input. It lives in the layer; training changes it.",
          "nn.Conv2d(6, 12, 5): weight (12, 6, 5, 5)", ("bias", "filter", "learnable parameter")),
    Entry("window", "The cells under a kernel or a pooling at one of its places.",
          "k=2 on 24×24, s=2: 12×12 windows of 2×2 cells", ("kernel", "stride", "pooling")),
)  # fmt: skip

BY_TERM = {entry.term: entry for entry in ENTRIES}


def find(words: str) -> tuple[Entry, ...]:
    """The entries in which all of `words` occur, those with them in the term first; all where nothing is sought."""
    sought = words.lower().split()
    found = [e for e in ENTRIES if all(word in f"{e.term} {e.meaning} {e.example}".lower() for word in sought)]
    return tuple(sorted(found, key=lambda e: not all(word in e.term.lower() for word in sought)))


def link(term: str) -> str:
    """The address that opens and marks `term`, beside the page where it stands. Raises KeyError."""
    return f"glossary?term={quote(BY_TERM[term].term)}"


def more(term: str) -> dict[str, str] | None:
    """The way from a help to a word's entry, as the stage takes it; None where there is no such word."""
    return {"label": f"{term} in the glossary", "address": link(term)} if term in BY_TERM else None
