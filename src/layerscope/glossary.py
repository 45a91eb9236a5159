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
    Entry("activation", "A function applied to each value, such as ReLU. Also: a layer's output for one input.",
          "relu(-2) = 0, relu(3) = 3; the shape stays the same", ("layer", "feature map")),
    Entry("adaptive pooling", "Pooling with a given output size, which chooses its windows to match. So the layers "
          "after it do not depend on the size of the images.", "nn.AdaptiveAvgPool2d(6): 256×13×13 becomes 256×6×6",
          ("pooling", "in_features")),
    Entry("argument", "The value that you pass for a parameter in a call.",
          "in nn.Conv2d(1, 6, kernel_size=5), the arguments are 1, 6 and 5", ("parameter", "hyperparameter")),
    Entry("attention", "Each position of a sequence takes a weighted mean of the values of all positions. The weights "
          "say how well its query matches their keys.", "5 queries and 7 keys: 35 weights per head",
          ("head", "embed_dim")),
    Entry("axis", "One of the dimensions of a tensor, counted from 0. A batch of images has the axes N, C, H and W.",
          "(100, 1, 28, 28): axis 1 has length 1, the gray channel", ("shape", "batch axis", "NCHW")),
    Entry("batch", "Several samples that go through the network together, as one tensor.",
          "100 grayscale images: a batch of shape (100, 1, 28, 28)", ("batch axis", "N")),
    Entry("batch axis", "Axis 0 of the tensors in a network: it counts the samples. Layers keep samples apart; only "
          "BatchNorm, while training, takes a mean over all of them.",
          "images.shape[0] is 100 in a batch of 100; image.unsqueeze(0) makes a batch of one", ("batch", "flatten")),
    Entry("bias", "One learnable number per output channel or feature, added to each of its values.",
          "12 filters have 12 biases", ("weight", "learnable parameter")),
    Entry("channel", "One plane along axis C. Images have color channels; in a convolution, each filter makes one.",
          "RGB: 3 channels; after 6 filters: 6 channels", ("feature map", "in_channels", "out_channels")),
    Entry("class", "One of the answers that a classifier chooses from. The last Linear layer has one output per class.",
          "Fashion-MNIST: 10 classes, so out_features=10", ("logits", "out_features")),
    Entry("concatenation", "Joins tensors along an axis, as torch.cat does. Along the channels, the numbers of "
          "channels add up, and all other axes must match.", "16×14×14 and 24×14×14 make 40×14×14",
          ("channel", "in_channels", "skip connection")),
    Entry("constructor", "The method __init__ of a class. Calling the class, as in nn.Linear(192, 120), passes the "
          "arguments to it, and it builds the layer.", "", ("signature", "argument", "module")),
    Entry("convolution", "A layer that slides each filter over its input, multiplies cell by cell, and adds the "
          "products. The kernel is not flipped, so mathematicians call it cross-correlation.",
          "a 5×5 kernel on 28×28 gives 24×24", ("kernel", "filter", "stride", "padding", "cross-correlation")),
    Entry("cross-correlation", "Sliding a kernel over an input without flipping it, and adding the products. "
          "PyTorch calls it convolution.", "", ("convolution",)),
    Entry("d_model", "How many features each position has in a Transformer, from the first layer to the last.",
          "nn.TransformerEncoderLayer(d_model=512, nhead=8): 64 features per head", ("embed_dim", "head")),
    Entry("data-dependent", "An argument is data-dependent if the images, the classes or the layer before decide it.",
          "the first in_channels is 1 for grayscale images and 3 for RGB", ("hyperparameter", "in_features")),
    Entry("default", "The value of a parameter if the call passes no argument for it.",
          "nn.Conv2d(1, 6, 5) has stride=1, padding=0, bias=True", ("parameter", "signature")),
    Entry("depth", "Of a filter: the number of its kernels, in_channels / groups. Of a volume: the first axis after C.",
          "6 channels, groups=1: each filter is 6 deep", ("filter", "groups")),
    Entry("dilation", "The distance between neighboring cells of a kernel. With dilation d, a kernel of k covers "
          "d(k-1)+1.", "k=5, d=2 covers 9 cells along an axis with 5 weights", ("kernel_size", "receptive field")),
    Entry("dropout", "Sets values to zero at random during training, with probability p. After training it does "
          "nothing.", "p=0.5: half of the values, the others doubled", ("training",)),
    Entry("embed_dim", "The number of features of an attention layer's queries, and of its output.",
          "embed_dim=512, num_heads=8: 64 features per head", ("attention", "kdim")),
    Entry("embedding", "A table with one learnable vector per index, such as a word. Looking one up needs no "
          "multiplication.", "nn.Embedding(1000, 64): 1,000 vectors of 64 values",
          ("learnable parameter", "input_size")),
    Entry("epoch", "One pass through all training data.", "60,000 images in batches of 100: 600 steps", ("training",)),
    Entry("feature", "One number of a vector that describes a sample.", "fc1 reads 192 features",
          ("in_features", "out_features")),
    Entry("feature map", "One output channel of a convolution: it shows where, and how strongly, its filter responds.",
          "6 filters on 28×28 with k=5: 6 feature maps of 24×24", ("channel", "filter")),
    Entry("filter", "A set of kernels, one per input channel, that together make one output channel.",
          "a filter for 6 channels with k=5 is 6×5×5", ("kernel", "out_channels", "weight")),
    Entry("flatten", "Merges all axes after the batch axis into one, so that a Linear layer can read it.",
          "(N, 12, 4, 4) becomes (N, 192)", ("batch axis", "in_features")),
    Entry("floor", "Rounding down, // in Python. A window that does not fit completely is left out, so output sizes "
          "are rounded down.", "(29 - 2) / 2 + 1 = 14.5: 14 rows", ("output size", "stride")),
    Entry("FLOPs", "Floating-point operations. A multiply-accumulate counts as two.", "23,040 MACs = 46,080 FLOPs",
          ("MAC",)),
    Entry("forward", "The method that computes a module's output. Call the module, module(x), instead of "
          "module.forward(x): the call also runs hooks.", "", ("module",)),
    Entry("Grad-CAM", "Shows which parts of an image raise the score of a class. Each map of the last layer with "
          "rows and columns is weighted by how much it raises the score; their sum is laid over the image.",
          "12 maps of 4×4 make one map of 4×4", ("class", "feature map", "occlusion")),
    Entry("groups", "Splits the channels into groups. Each filter reads one group, so it is in_channels / groups deep.",
          "in_channels=6, groups=2: filters of depth 3", ("filter", "in_channels")),
    Entry("head", "One of several attentions in parallel, each on its own part of the features. Also: the last layers "
          "of a network.", "512 features, 8 heads: 64 each", ("attention", "embed_dim")),
    Entry("hyperparameter", "A setting that you choose before training, often by trial and error, and that training "
          "does not change.", "kernel_size=5, out_channels=6, learning rate 0.01", ("argument", "learnable parameter")),
    Entry("in1_features", "The number of values that Bilinear reads from its first input: the length of its last axis.",
          "nn.Bilinear(4, 5, 6): weight (6, 4, 5)", ("in2_features", "in_features")),
    Entry("in2_features", "The number of values that Bilinear reads from its second input: the length of its last "
          "axis.", "nn.Bilinear(4, 5, 6): weight (6, 4, 5)", ("in1_features", "in_features")),
    Entry("in_channels", "The number of channels that a convolution expects: the color channels of the images, or the "
          "out_channels of the layer before.", "after 6 filters, conv2 has in_channels=6", ("out_channels", "channel")),
    Entry("in_features", "The number of values that a Linear layer reads per row: after flatten, channels × height × "
          "width.", "12 × 4 × 4 = 192", ("out_features", "flatten")),
    Entry("input_size", "The number of features that a recurrent layer reads at each step: the length of the last "
          "axis.", "after nn.Embedding(1000, 64): nn.LSTM(input_size=64, ...)", ("recurrent layer", "in_features")),
    Entry("kdim", "The number of features of an attention layer's keys. If not given, the same as the queries.",
          "keys of 5×32 with embed_dim=64: kdim=32", ("vdim", "attention")),
    Entry("kernel", "A 2-D grid of weights that slides over one channel. Several kernels make a filter.",
          "k=5: 25 weights", ("filter", "kernel_size")),
    Entry("kernel_size", "Height and width of each kernel: one number for a square, or a pair.",
          "kernel_size=5: output 28 - 5 + 1 = 24", ("kernel", "output size")),
    Entry("keyword argument", "An argument that is passed with its parameter's name. The order of keyword arguments "
          "does not matter.", "nn.Linear(out_features=120, in_features=192)", ("argument", "positional argument")),
    Entry("layer", "One step of a network: it takes a tensor and returns one. Some layers have weights, some only "
          "compute.", "", ("module", "weight")),
    Entry("lazy layer", "A layer that takes its in_features or in_channels from the first batch that it sees.",
          "nn.LazyLinear(10) after 12×4×4: in_features becomes 192", ("in_features", "in_channels")),
    Entry("learnable parameter", "A tensor that training changes, an nn.Parameter: a layer's weight or bias.",
          "nn.Linear(192, 120): 192 × 120 + 120 = 23,160 values", ("weight", "bias", "parameter")),
    Entry("learning rate", "How far an optimizer moves the learnable parameters in one step; lr in PyTorch.", "lr=0.01",
          ("optimizer", "hyperparameter")),
    Entry("Linear", "A layer in which each input value is connected to each output value by its own weight.",
          "nn.Linear(192, 120): weight (120, 192)", ("in_features", "out_features")),
    Entry("logits", "The last layer's raw values, one per class. softmax turns them into probabilities.",
          "the largest of 10 logits is the answer", ("softmax", "class")),
    Entry("loss", "One number that says how wrong the outputs are. Training makes it smaller.",
          "10 classes, untrained: near ln 10 = 2.30", ("training", "logits")),
    Entry("MAC", "Multiply-accumulate: one multiplication whose product is added to a sum. MACs measure a layer's "
          "work.", "fc1: 192 × 120 = 23,040 MACs per image", ("FLOPs",)),
    Entry("module", "An nn.Module: a layer or a whole network. It registers the layers and parameters assigned to it.",
          "", ("forward", "layer", "state_dict")),
    Entry("N", "The usual letter for the number of samples in a batch.", "(N, C, H, W) = (100, 1, 28, 28)",
          ("batch axis", "NCHW")),
    Entry("NCHW", "PyTorch's order of an image batch's axes: samples, channels, height, width.",
          "from N, H, W, C: x.permute(0, 3, 1, 2)", ("batch axis", "channel")),
    Entry("normalization", "Shifts and scales values to mean 0 and variance 1, and then by learnable numbers.",
          "BatchNorm2d(6): 6 scales and 6 shifts", ("num_features",)),
    Entry("num_channels", "The number of channels that a GroupNorm expects: that of its input.", "",
          ("normalization", "channel")),
    Entry("num_features", "The number of channels or features that a BatchNorm expects: that of its input.",
          "after 6 filters: nn.BatchNorm2d(6)", ("normalization", "channel")),
    Entry("occlusion", "Covers an image square by square and runs the network each time. Where the score of a class "
          "falls, the covered square supported it.", "28×28 in squares of 2×2: the network runs 196 times",
          ("class", "Grad-CAM")),
    Entry("optimizer", "The method that updates the learnable parameters after each batch, such as Adam.", "",
          ("training", "learnable parameter")),
    Entry("out_channels", "The number of filters of a convolution, and so of its output feature maps. You choose it.",
          "out_channels=6: 6 maps", ("filter", "in_channels")),
    Entry("out_features", "The number of values that a Linear layer outputs per row: your choice, or, in the last "
          "layer, the classes.", "nn.Linear(60, 10): 10 values", ("in_features", "class")),
    Entry("output size", "The output size of a convolution or pooling along one axis: floor((i + 2p - d(k-1) - 1) / "
          "s) + 1.", "i=28, k=5: 24; then pooling by 2: 12", ("kernel_size", "stride", "padding", "dilation")),
    Entry("overfitting", "A network reads the images that it learns from much better than images that it has never "
          "seen.", "60 training images: nearly all right, held-out images far fewer", ("training", "trial")),
    Entry("padding", "Cells, usually zeros, added on each side of the input before the kernel slides over it.",
          'k=5, padding=2 keeps 28 at 28; so does "same"', ("output size", "stride")),
    Entry("parameter", "A name in a function's signature, filled by an argument. The word also means a number that "
          "training changes.", "kernel_size is a parameter of nn.Conv2d", ("argument", "learnable parameter")),
    Entry("pooling", "Makes feature maps smaller: it keeps the largest value or the mean of each window. It has no "
          "weights.", "MaxPool2d(2): 24×24 becomes 12×12", ("stride", "feature map", "adaptive pooling")),
    Entry("positional argument", "An argument that is passed without a name: the first one fills the first parameter "
          "of the signature, the second one the second.", "nn.Linear(192, 120): in_features=192",
          ("argument", "keyword argument")),
    Entry("projection", "A 1×1 convolution on a skip connection that gives it the channels (and, with a stride, the "
          "size) of the main path.", "nn.Conv2d(16, 32, kernel_size=1, stride=2): 16×28×28 becomes 32×14×14",
          ("skip connection", "convolution")),
    Entry("receptive field", "The cells of the input that one output value depends on. It grows from layer to layer.",
          "two 3×3 convolutions: 5×5 cells", ("kernel_size", "dilation")),
    Entry("recurrent layer", "A layer that reads a sequence step by step and keeps a state: RNN, LSTM, GRU.",
          "LSTM from 64 features to a state of 128: 4·128·(64 + 128 + 2) parameters", ("input_size", "weight")),
    Entry("ReLU", "An activation: negative values become 0, the others stay the same.", "-2, 0, 3 become 0, 0, 3",
          ("activation",)),
    Entry("run", "Training a network once with one set of hyperparameters. A grid has one run per combination.",
          "2 learning rates and 3 batch sizes: 6 runs", ("hyperparameter", "training")),
    Entry("sample", "One example, such as one image.", "a batch of 100 has 100 samples", ("batch",)),
    Entry("seed", "The number that random numbers start from: of the weights before training, and of the order of the "
          "images. The same seed gives the same training.", "torch.manual_seed(0)", ("training", "trial")),
    Entry("shape", "The size of a tensor along each axis.", "(100, 1, 28, 28) has 4 axes", ("tensor", "NCHW")),
    Entry("signature", "A function's parameters in order, with their defaults: what a call must pass and may pass.",
          "Linear(in_features, out_features, bias=True, ...)", ("parameter", "default", "constructor")),
    Entry("skip connection", "Carries the input of some layers around them and joins it with their output, by a sum "
          "(ResNet) or a concatenation (DenseNet, U-Net).", "y = conv(x) + x: all three are 16×28×28",
          ("projection", "concatenation")),
    Entry("softmax", "Turns logits into positive numbers that add up to 1.", "logits 0 and 0: 0.5 and 0.5",
          ("logits",)),
    Entry("state_dict", "A module's tensors by name, for saving and loading.",
          "conv1.weight, conv1.bias, fc1.weight, ...", ("module", "learnable parameter")),
    Entry("stride", "How far the kernel moves from one window to the next. A stride of 2 gives about half the size "
          "that a stride of 1 gives.", "i=28, k=2, s=2: 14", ("output size", "padding")),
    Entry("sweep", "Trying a range of values one after the other, with everything else as it is.",
          "kernel_size from 1 to 11: 11 networks", ("hyperparameter", "trade-off")),
    Entry("tensor", "A grid of numbers with any number of axes.", "an RGB image: 3 × 28 × 28 numbers", ("shape",)),
    Entry("trade-off", "Where no setting is better in everything: to pay less of one thing, you pay more of another.",
          "a smaller kernel: fewer weights here, larger maps after it", ("sweep", "hyperparameter")),
    Entry("training", "Changing the learnable parameters, batch by batch, so that the loss gets smaller.", "",
          ("loss", "optimizer", "epoch")),
    Entry("transposed convolution", "Spreads each value over a window, weighted by a kernel, and adds where windows "
          "overlap; with a stride, the maps grow. Its weight is (in, out / groups, kernel).",
          "7×7, k=4, s=2, p=1: (7-1)·2 - 2·1 + 4 = 14", ("convolution", "stride")),
    Entry("trial", "One training with certain settings, to learn how well they do. Its result depends on the seed too.",
          "3 kernel sizes, 2 learning rates and 5 seeds: 30 trials", ("run", "seed", "hyperparameter")),
    Entry("vdim", "The number of features of an attention layer's values. If not given, the same as the queries.",
          "values of 5×48 with embed_dim=64: vdim=48", ("kdim", "attention")),
    Entry("weight", "The tensor by which a layer multiplies its input. The layer holds it, and training changes it.",
          "nn.Conv2d(6, 12, 5): weight (12, 6, 5, 5)", ("bias", "filter", "learnable parameter")),
    Entry("window", "The cells that a kernel or a pooling covers at one position.",
          "k=2, s=2 on 24×24: 12×12 windows of 2×2 cells", ("kernel", "stride", "pooling")),
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
