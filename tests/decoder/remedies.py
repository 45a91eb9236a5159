"""Code of the causes that no trial has as its first, and code with it that runs.

`REMEDIES` are tried; `NOT_TRIED` needs a graphics card, a file or a package that is not here, several processes, or the
rest of the reader's own program.
"""

LABELS = "labels = torch.zeros(6).long()\n"
SELF = "class self: images, size = [1, 2], 2\n"
NET = "net, path = nn.Linear(2, 2), io.BytesIO()\n"
WRITE = f"{NET}torch.save(net.state_dict(), path)"
FORMER = "w = torch.zeros(1, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=1)\n"

REMEDIES: dict[tuple[str, str], tuple[str, str]] = {
    ("out-gradient", "No gradients are needed"): (
        "with torch.no_grad():", "x = R(2).requires_grad_()\nwith torch.no_grad(): torch.add(x, 1, out=R(2))"),
    ("source-missing", "A trace needs no source"): (
        "torch.jit.trace(net, torch.rand(1, 3, 224, 224))",
        "import warnings\nwarnings.simplefilter('ignore')\nnet = nn.ReLU()\n"
        "torch.jit.trace(net, torch.rand(1, 3, 224, 224))"),
    ("half-weights", "Only a part is trained"): (
        "weight.data = weight.data.float() if weight.requires_grad else weight.data",
        "net = nn.Linear(2, 2).half()\n"
        "for weight in net.parameters(): weight.data = weight.data.float() if weight.requires_grad else weight.data"),
    ("attention-kernel", "No card, or one that is too old"): (
        "out = F.scaled_dot_product_attention(q, k, v)",
        "q = k = v = R(1, 2, 3, 4)\nout = F.scaled_dot_product_attention(q, k, v)"),
    ("shared-cells", "An input without a copy"): (
        "x = x.contiguous()", "x = R(1, 4).expand(3, 4)\nx = x.contiguous()\nnn.ReLU(inplace=True)(x)"),
    ("metric-lengths", "One of them has a value for each step or pixel"): (
        "labels.flatten()", "labels = torch.zeros(2, 3)\nlabels.flatten()"),
    ("scheduler-resume", "Training begins anew"): ("last_epoch", "last_epoch = -1"),
    ("complex-numbers", "Real and imaginary parts as features"): (
        "torch.view_as_real(spectrum)", "spectrum = torch.fft.rfft(R(8))\ntorch.view_as_real(spectrum)"),
    ("spectrum", "Real and imaginary parts on the last axis"): (
        "torch.view_as_complex(spectrum)", "spectrum = R(3, 4, 2)\ntorch.view_as_complex(spectrum)"),
    ("not-whole", "A size of a layer that is not a whole number"): (
        "nn.Linear(int(width / 2), 10)", "width = 8\nnn.Linear(int(width / 2), 10)"),
    ("support", "Images that are not 0 or 1, or not in the range"): (
        "validate_args=False",
        "torch.distributions.Bernoulli(R(3), validate_args=False).log_prob(R(3))"),
    ("vmap-sizes", "The batch is on another axis"): (
        "torch.vmap(f, in_dims=(0, 1))", "f = lambda x, y: x + y\ntorch.vmap(f, in_dims=(0, 1))(R(3), R(4, 3))"),
    ("fold-blocks", "The axes are in another order"): (
        "patches.transpose(1, 2)",
        "patches = F.unfold(R(1, 3, 6, 6), 2, stride=2).transpose(1, 2)\n"
        "F.fold(patches.transpose(1, 2), (6, 6), 2, stride=2)"),
    ("unpool-shape", "The values changed their size since"): (
        "nn.Conv2d(channels, channels, 3, padding=1)",
        "channels = 2\nnn.Conv2d(channels, channels, 3, padding=1)(R(1, 2, 4, 4))"),
    ("vmap-batchnorm", "The network is in training mode"): (
        "net.eval()", "net = nn.BatchNorm1d(3)\nnet.eval()\ntorch.vmap(net)(R(4, 2, 3))"),
    ("conv-weight", "The arguments are in another order"): (
        "F.conv2d(x, weight, bias)", "x, weight, bias = R(1, 1, 8, 8), R(2, 1, 3, 3), R(2)\nF.conv2d(x, weight, bias)"),
    ("not-module", "A function of your own instead of a layer"): (
        "class Lambda(nn.Module):", "class Lambda(nn.Module):\n    def forward(self, x):\n        return x\n"
        "nn.Sequential(Lambda())(R(2))"),
    ("empty-table", "A column without categories"): ("max(count, 1)", "count = 0\nnn.Embedding(max(count, 1), 4)"),
    ("table-axes", "All vectors in one row"): (
        "nn.Embedding.from_pretrained(values.view(-1, 50))",
        "values = R(100)\nnn.Embedding.from_pretrained(values.view(-1, 50))"),
    ("bag-axes", "A sequence wants one vector per word"): (
        "nn.Embedding(1000, 64)", "nn.Embedding(1000, 64)(torch.zeros(3, 4, 5).long())"),
    ("size-zero", "Arguments in the wrong order"): (
        "nn.LSTM(input_size=10, hidden_size=20, dropout=0.0)", "nn.LSTM(input_size=10, hidden_size=20, dropout=0.0)"),
    ("index-vector", "Another index for each sample"): (
        "x.gather(1, index)", "x, index = R(3, 4), torch.tensor([[0], [1], [2]])\nx.gather(1, index)"),
    ("window-length", "A series shorter than the window"): (
        "F.pad(x, (0, missing))", "x, missing = R(3, 4), 1\nF.pad(x, (0, missing)).unfold(1, 5, 1)"),
    ("random-range", "The data are shorter than a window"): ("len(data)", "data = 'abc'\nlen(data)"),
    ("draw-count", "top-k left fewer entries"): (
        "min(count, weights.size(-1))",
        "count, weights = 5, torch.ones(3)\ntorch.multinomial(weights, min(count, weights.size(-1)))"),
    ("spread", "The logarithm of the variance"): (
        "torch.exp(0.5 * logvar)", "logvar = -R(3)\ntorch.normal(torch.zeros(3), torch.exp(0.5 * logvar))"),
    ("class-out", "Too few outputs"): ("labels.max()", "labels = torch.tensor([1, 4])\nlabels.max()"),
    ("number-text", "A decimal comma, a unit or an empty cell"): (
        "pd.to_numeric(column, errors='coerce')",
        "column = pd.Series(['1', '3.5 kg'])\npd.to_numeric(column, errors='coerce')"),
    ("square-matrix", "A covariance was forgotten"): (
        "torch.linalg.inv(x.mT @ x)", "x = R(9, 2)\ntorch.linalg.inv(x.mT @ x)"),
    ("count-values", "A label that is negative"): (
        "labels[labels >= 0]", "labels = torch.tensor([-1, 2])\ntorch.bincount(labels[labels >= 0])"),
    ("grad-constant", "Frozen weights"): (
        "[p for p in net.parameters() if p.requires_grad]",
        "net = nn.Linear(2, 1)\nnet.bias.requires_grad = False\n"
        "torch.autograd.grad(net(R(3, 2)).sum(), [p for p in net.parameters() if p.requires_grad])"),
    ("empty-file", "A buffer that stands at its end"): (
        "buffer.seek(0)",
        "buffer = io.BytesIO()\ntorch.save(R(2), buffer)\nbuffer.seek(0)\ntorch.load(buffer)"),
    ("script-file", "The file was not written by torch.jit.save"): (
        "net.load_state_dict(torch.load(path))", f"{WRITE}\npath.seek(0)\nnet.load_state_dict(torch.load(path))"),
    ("sampler-weights", "A column of labels"): (
        "class_weights[labels.squeeze(1)]",
        "class_weights, labels = R(3), torch.zeros(4, 1).long()\nclass_weights[labels.squeeze(1)]"),
    ("abstract-class", "The base class itself was made"): (
        "class Stream(IterableDataset)",
        "from torch.utils.data import IterableDataset\nclass Stream(IterableDataset):\n    def __iter__(self):\n"
        "        return iter([1])\nnext(iter(DataLoader(Stream())))"),
    ("used-up", "The iterator was used up"): (
        "batches = iter(loader)", "loader = DataLoader([1])\nbatches = iter(loader)"),
    ("mutated", "Layers are added or replaced in a loop over them"): (
        "for name, layer in list(net.named_modules())",
        "net = nn.Sequential(nn.ReLU())\nfor name, layer in list(net.named_modules()): net.add_module('a', nn.Tanh())"),
    ("target-axes", "One-hot labels"): (
        "labels.argmax(dim=1)", "labels = torch.eye(3).long()\nF.cross_entropy(R(3, 3), labels.argmax(dim=1))"),
    ("target-axes", "Several answers per sample"): (
        "out.view(-1, classes, 10)",
        "classes, out = 3, R(6, 30)\nF.cross_entropy(out.view(-1, classes, 10), torch.zeros(6, 10).long())"),
    ("target-type", "The wrong loss"): (
        "nn.BCEWithLogitsLoss()", "nn.MSELoss()(R(6), R(6))\nnn.BCEWithLogitsLoss()(R(6), R(6).round())"),
    ("probabilities", "The wrong loss"): (
        "labels.float()", "labels = torch.zeros(6, 3).long()\nnn.BCEWithLogitsLoss()(R(6, 3), labels.float())"),
    ("loss-type", "Class numbers with the wrong loss"): (
        "nn.CrossEntropyLoss()", f"{LABELS}nn.CrossEntropyLoss()(R(6, 3), labels)"),
    ("loss-type", "Numbers from NumPy"): (
        "torch.from_numpy(a.astype('float32'))",
        "a = np.zeros(3)\nF.binary_cross_entropy(R(3), torch.from_numpy(a.astype('float32')))"),
    ("spatial", "Masks as color pictures or one-hot"): (
        "masks.argmax(dim=1)", "masks = R(2, 5, 4, 4)\nF.cross_entropy(R(2, 5, 4, 4), masks.argmax(dim=1))"),
    ("spatial", "One label per image, but outputs that are maps"): (
        "x.mean(dim=(2, 3))", "x = R(2, 5, 4, 4)\nF.cross_entropy(x.mean(dim=(2, 3)), torch.zeros(2).long())"),
    ("target-size", "Classes instead of yes or no"): (
        "nn.CrossEntropyLoss()", f"{LABELS}nn.CrossEntropyLoss()(R(6, 3), labels)"),
    ("numpy", "Evaluation with gradients"): (
        "with torch.no_grad():", "with torch.no_grad():\n    nn.Linear(2, 2)(R(1, 2)).numpy()"),
    ("numpy", "The tensor is on the graphics card"): (
        "x.detach().cpu().numpy()", "x = R(3, requires_grad=True)\nx.detach().cpu().numpy()"),
    ("scalar", "The outputs instead of the loss"): ("out[0, 3].item()",
        "out = R(2, 4)\nout[0, 3].item()\nout.tolist()"),
    ("scalar", "A list of tensors"): ("torch.stack(tensors)", "tensors = [R(2), R(2)]\ntorch.stack(tensors)"),
    ("in-place", "A state carried over between batches"): (
        "state = state.detach()", "state = R(3, requires_grad=True) * 2\nstate = state.detach()\nassert state.is_leaf"),
    ("in-place", "A weight changed by hand"): (
        "w -= lr * w.grad",
        "lr, w = 0.1, R(3, requires_grad=True)\nw.sum().backward()\nwith torch.no_grad():\n    w -= lr * w.grad"),
    ("parameters", "A list around net.parameters()"): (
        "list(a.parameters()) + list(b.parameters())",
        "a = b = nn.Linear(2, 2)\nb = nn.Linear(2, 2)\n"
        "torch.optim.SGD(list(a.parameters()) + list(b.parameters()), lr=1)"),
    ("parameters", "Names instead of weights"): (
        "net.parameters()", "net = nn.Linear(2, 2)\ntorch.optim.SGD(net.parameters(), lr=1)"),
    ("no-parameters", "net.parameters() was used up"): (
        "list(net.parameters())",
        "net = nn.Linear(2, 2)\nkept = list(net.parameters())\nsum(p.numel() for p in kept)\n"
        "torch.optim.SGD(kept, lr=1)"),
    ("no-parameters", "__init__ never ran"): (
        "super().__init__()",
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(2, 2)\n"
        "torch.optim.SGD(Net().parameters(), lr=1)"),
    ("sizes", "Outputs and labels of different shapes"): (
        "nn.CrossEntropyLoss()", f"{LABELS}nn.CrossEntropyLoss()(R(6, 3), labels)"),
    ("sizes", "A skip connection between different shapes"): (
        "padding=kernel_size // 2",
        "x, kernel_size = R(1, 2, 8, 8), 5\nx + nn.Conv2d(2, 2, kernel_size, padding=kernel_size // 2)(x)"),
    ("channels", "in_channels is not the out_channels of the layer before"): (
        "in_channels=", "nn.Conv2d(in_channels=32, out_channels=6, kernel_size=3)(R(1, 32, 8, 8))"),
    ("axes", "Flattened too early"): (
        "x.view(-1, channels, height, width)",
        "channels, height, width = 1, 4, 6\nx = R(20, 24)\nnn.Conv2d(1, 6, 3)(x.view(-1, channels, height, width))"),
    ("dimension", "Flattened too early"): ("dim=1", "R(2, 3).softmax(dim=1)"),
    ("one-value", "A last batch of one"): (
        "drop_last=True",
        "for x in DataLoader(R(5, 4), batch_size=2, drop_last=True): nn.BatchNorm1d(4)(x)"),
    ("reflect", "The padding is too large"): (
        "padding_mode='zeros'", "nn.Conv2d(1, 1, 7, padding=3, padding_mode='zeros')(R(1, 1, 2, 2))"),
    ("forward-arguments", "The class was called instead of the network"): (
        "net = Net(), then net(x)",
        "class Net(nn.Module):\n    def forward(self, x): return x\nx = R(2)\nnet = Net()\nnet(x)\n"
        "# net = Net(), then net(x)"),
    ("choice", "Two arguments that exclude each other"): (
        "F.interpolate(x, scale_factor=2)", "x = R(1, 1, 8, 8)\nF.interpolate(x, scale_factor=2)"),
    ("empty-reduction", "A filter or a slice leaves nothing"): (
        "if x.numel() > 0", "x = R(0)\nif x.numel() > 0: x.max()"),
    ("data-set-methods", "The method is missing, misspelled or indented too far"): (
        "def __len__(self): return len(self.images)",
        "class Images(torch.utils.data.Dataset):\n    images = [1, 2]\n"
        "    def __len__(self): return len(self.images)\n    def __getitem__(self, index): return self.images[index]\n"
        "next(iter(DataLoader(Images())))"),
    ("no-file", "The path starts in a different folder"): ("os.listdir('.')",
        "import os\nos.getcwd()\nos.listdir('.')"),
    ("rnn-input", "The features are not the last axis"): (
        "x.transpose(1, 2)", "x = R(3, 10, 8)\nnn.GRU(10, 16, batch_first=True)(x.transpose(1, 2))"),
    ("rnn-hidden", "The state is made for the length, not for the batch"): (
        "x.size(1)", "x = R(9, 8, 10)\nnn.GRU(10, 16)(x, torch.zeros(1, x.size(1), 16))"),
    ("rnn-hidden", "A state made by hand"): (
        "out, state = layer(x)", "layer, x = nn.GRU(10, 16), R(9, 8, 10)\nout, state = layer(x)"),
    ("cell-state", "The output instead of the state"): (
        "state = cell(x, state)",
        "cell, x, state = nn.LSTMCell(10, 16), R(3, 10), None\nfor _ in range(2): state = cell(x, state)\nstate[0]"),
    ("packing-lengths", "lengths is on the graphics card, or not whole numbers"): (
        "lengths.cpu().long()",
        "lengths = torch.tensor([5.0, 3.0])\n"
        "pack_padded_sequence(R(2, 5, 10), lengths.cpu().long(), batch_first=True)"),
    ("tuple-index", "A list instead of a tensor or an array"): (
        "torch.tensor(values)", "values = [[1, 2], [3, 4]]\ntorch.tensor(values)[:, 1]"),
    ("attention-width", "The features are not the last axis"): (
        "x.flatten(2).transpose(1, 2)",
        "x = R(3, 48, 4, 4)\nnn.TransformerEncoderLayer(48, 4, batch_first=True)(x.flatten(2).transpose(1, 2))"),
    ("attention-mask", "A mask for a different length"): (
        "nn.Transformer.generate_square_subsequent_mask(x.size(1))",
        "x = R(3, 7, 48)\nnn.MultiheadAttention(48, 4, batch_first=True)(x, x, x, "
        "attn_mask=nn.Transformer.generate_square_subsequent_mask(x.size(1)))"),
    ("padding-mask", "The mask is transposed"): (
        "mask.transpose(0, 1)",
        "x, mask = R(3, 7, 48), torch.zeros(7, 3).bool()\nnn.MultiheadAttention(48, 4, batch_first=True)("
        "x, x, x, key_padding_mask=mask.transpose(0, 1))"),
    ("transformer-batches", "One target for a whole batch"): (
        "tgt.expand(src.size(0), -1, -1)",
        "src, tgt = R(3, 7, 48), R(1, 5, 48)\n"
        "nn.Transformer(48, 4, batch_first=True)(src, tgt.expand(src.size(0), -1, -1))"),
    ("collate", "The samples hold objects of a different kind"): (
        "DataLoader(data, collate_fn=list)", "data = [None, None]\nnext(iter(DataLoader(data, collate_fn=list)))"),
    ("collate", "Text or objects in an array"): (
        "array.astype('float32')",
        "array = np.array([1, 2.5], dtype=object)\nnext(iter(DataLoader([array.astype('float32')])))"),
    ("stack", "Only one of them has a channel axis"): (
        "x.unsqueeze(0)", "x = R(40, 40)\ntorch.stack([R(1, 40, 40), x.unsqueeze(0)])"),
    ("not-subscriptable", "Parentheses were meant"): ("x.size(0)", "x = R(3)\nx.size(0)\nx.shape[0]"),
    ("not-callable", "A tensor, or its shape, is not a function"): (
        "loss = criterion(out, labels)", f"{LABELS}criterion, out = nn.CrossEntropyLoss(), R(6, 3)\n"
        "loss = criterion(out, labels)"),
    ("corrupt-file", "The file is not complete"): ("torch.save(net.state_dict(), path)", WRITE),
    ("load-key", "The file is not complete"): ("torch.save(net.state_dict(), path)", WRITE),
    ("pickle", "The whole network is saved"): ("torch.save(net.state_dict(), path)", WRITE),
    ("state-dict-type", "The path instead of what is in the file"): (
        "net.load_state_dict(torch.load(path))", f"{WRITE}\npath.seek(0)\nnet.load_state_dict(torch.load(path))"),
    ("label-sequence", "Outputs and labels of different lengths"): (
        "out[:, :, :-1]",
        "out, labels = R(6, 40, 11), torch.zeros(6, 11).long()\nF.cross_entropy(out[:, :, :-1], labels[:, 1:])"),
    ("truth-value", "A comparison of whole tensors"): (
        "(x == y).all()", "x = y = R(3)\nif torch.equal(x, y) and (x == y).all() and (x >= 0).any(): pass"),
    ("truth-value", "and, or, not between masks"): (
        "mask & other", "mask = other = R(3) > 0.5\n(mask & other, mask | other, ~mask)"),
    ("batch-size", "Several labels per image"): (
        "labels.argmax(dim=1)", "labels = torch.eye(3)\nF.cross_entropy(R(3, 3), labels.argmax(dim=1))"),
    ("batch-size", "A view that mixes the images"): (
        "x.view(x.size(0), -1)", "x = R(4, 3, 2, 2)\nassert x.view(x.size(0), -1).shape == (4, 12)"),
    ("expand", "Only an axis of size 1 can be expanded"): (
        "x.unsqueeze(0).expand(n, *x.shape)", "x, n = R(3, 4), 5\nx.unsqueeze(0).expand(n, *x.shape)"),
    ("cat-axes", "Maps joined with rows"): (
        "torch.cat([x.flatten(1), y.flatten(1)], dim=1)",
        "x, y = R(3, 4, 2, 2), R(3, 5)\ntorch.cat([x.flatten(1), y.flatten(1)], dim=1)"),
    ("cat", "Maps of different sizes"): (
        "F.interpolate(x, size=y.shape[2:])",
        "x, y = R(1, 2, 15, 15), R(1, 2, 7, 7)\ntorch.cat([F.interpolate(x, size=y.shape[2:]), y], 1)"),
    ("cat", "A different axis was meant"): (
        "torch.cat([x, y], dim=1)", "x, y = R(1, 2, 7, 7), R(1, 9, 7, 7)\ntorch.cat([x, y], dim=1)"),
    ("matrix", "No batch axis"): (
        "image.unsqueeze(0)",
        "image = R(1, 4, 4)\nnn.Sequential(nn.Flatten(), nn.Linear(16, 2))(image.unsqueeze(0))"),
    ("matrix", "in_features counts something else"): ("nn.Linear(", "nn.Linear(4, 10)(R(3, 4))"),
    ("too-many-indices", "An index was applied twice"): ("x[0, 1]", "x = R(3, 4)\nx[0, 1]"),
    ("zero-dim", "A sum or mean removed the axes"): ("x.sum(dim=1)", "x = R(3, 4)\nx.sum(dim=1)[0]\nx.mean(dim=0)[0]"),
    ("unpack", "A layer with a different number of results"): (
        "out, (h, c) = lstm(x)", "lstm, x = nn.LSTM(3, 4), R(5, 2, 3)\nout, (h, c) = lstm(x)"),
    ("running-mean", "squeeze removed the batch axis of a batch of one"): (
        "x.flatten(1)", "x = R(1, 4, 1)\nnet = nn.BatchNorm1d(4).eval()\nnet(x.squeeze(-1))\nnet(x.flatten(1))"),
    ("kernel", "The channels are last, or a crop is empty"): (
        "x.permute(0, 3, 1, 2)",
        "x = R(2, 20, 20, 3)\nnn.Conv2d(3, 6, 5)(x.permute(0, 3, 1, 2))\nnn.Conv2d(3, 6, 5)(x[0].permute(2, 0, 1))"),
    ("kernel", "One pooling layer too many"): ("stride=1", "nn.MaxPool2d(2, stride=1)(R(1, 1, 5, 5))"),
    ("kernel", "No padding"): (
        "padding=kernel_size // 2", "kernel_size = 5\nnn.Conv2d(1, 6, kernel_size, padding=kernel_size // 2)("
        "R(1, 1, 3, 3))\nnn.Conv2d(1, 6, 5, padding=\"same\")(R(1, 1, 3, 3))"),
    ("not-implemented", "Half precision on the processor"): ("net.float()",
        f"{NET}x = R(2).half()\nnet.float()(x.float())"),
    ("not-implemented", "A type that this function does not support"): (
        "x.float()", "x = torch.zeros(3).long()\nx.float().softmax(0)"),
    ("pool-axes", "The channel axis is missing"): ("x.unsqueeze(0)", "x = R(8, 8)\nnn.MaxPool2d(2)(x.unsqueeze(0))"),
    ("pool-axes", "One axis too many, or an empty tensor"): (
        "x.flatten(0, 1)", "x = R(2, 3, 1, 8, 8)\nnn.MaxPool2d(2)(x.flatten(0, 1))"),
    ("resize-axes", "The mode is for a different number of axes"): (
        'mode="bilinear"', 'F.interpolate(R(1, 1, 8, 8), scale_factor=2, mode="bilinear")'),
    ("resize-sizes", "The batch axis is missing"): (
        "x.unsqueeze(0)", "x = R(3, 8, 8)\nF.interpolate(x.unsqueeze(0), size=(16, 16)).squeeze(0)"),
    ("resize-sizes", "The batch or the channels were counted"): (
        "F.interpolate(x, ", "x = R(1, 3, 8, 8)\nF.interpolate(x, size=(16, 16))"),
    ("key", "The key is spelled differently"): ("list(d.keys())", "d = {'a': 1}\nlist(d.keys())"),
    ("list-index", "A shape with fewer axes"): ("x.shape[-1]", "x = R(2, 3)\nx.shape[-1]"),
    ("list-index", "The list is empty"): ("len(files)", "files = []\nlen(files)"),
    ("list-index", "The loop goes one too far"): (
        "range(len(layers) - 1)", "layers = [1, 2]\nfor i in range(len(layers) - 1): layers[i + 1]"),
    ("list-index", "__len__ is too large"): ("len(self.images)", f"{SELF}len(self.images)"),
    ("zero-division", "A width rounded down to 0"): (
        "max(1, channels // reduction)", "channels, reduction = 8, 16\nnn.Linear(channels, max(1, channels // "
        "reduction))"),
    ("nan", "Gaps in the data"): ("torch.isfinite(x).all()", "x = R(3)\ntorch.isfinite(x).all()"),
    ("nan", "Numbers instead of probabilities"): (
        "torch.softmax(out, dim=-1)",
        "out = R(2, 3) - 1\ntorch.multinomial(torch.softmax(out, dim=-1), 1)\n"
        "torch.distributions.Categorical(logits=out)"),
    ("singular", "A least-squares problem needs no inverse"): (
        "torch.linalg.lstsq(a, b).solution", "a, b = R(4, 2), R(4, 1)\ntorch.linalg.lstsq(a, "
        "b).solution\ntorch.linalg.pinv(a)"),
    ("overflow", "A mask value of -1e9 in half precision"): (
        "scores.masked_fill(mask, torch.finfo(scores.dtype).min)",
        "scores, mask = R(3).half(), R(3) > 0.5\nscores.masked_fill(mask, torch.finfo(scores.dtype).min)"),
    ("grad-scaler", "scaler.update() is missing"): (
        "scaler.update()",
        f"{FORMER}scaler = torch.amp.GradScaler('cpu')\nfor _ in range(2):\n    loss = (w * 2).sum()\n"
        "    scaler.scale(loss).backward()\n    scaler.step(optimizer)\n    scaler.update()"),
    ("resize-storage", "An array without a copy"): ("torch.tensor(array)",
        "array = np.zeros(3)\ntorch.tensor(array).resize_(10)"),
    ("top-k", "A different axis was meant"): ("out.topk(5, dim=1)", "out = R(2, 6)\nout.topk(5, dim=1)"),
    ("tensor-index", "A size computed as a tensor"): ("int(n)",
        "n = torch.tensor(2)\n[1, 2, 3][int(n)]\n[1, 2, 3][n.item()]"),
    ("ctc", "The batch axis is first"): (
        "F.ctc_loss(out.transpose(0, 1), labels, lengths, label_lengths)",
        "out, labels = R(2, 50, 5).log_softmax(2), torch.ones(2, 3).long()\n"
        "lengths, label_lengths = torch.tensor([50, 50]), torch.tensor([3, 3])\n"
        "F.ctc_loss(out.transpose(0, 1), labels, lengths, label_lengths)"),
    ("target-range", "A black and white mask, with 0 and 255"): (
        "labels = labels.long() // 255",
        "labels = torch.tensor([0, 255], dtype=torch.uint8)\nlabels = labels.long() // "
        "255\nF.cross_entropy(R(2, 2), labels)"),
    ("too-many", "Arguments without their names"): (
        "nn.Conv2d(1, 6, kernel_size=5, padding=2)", "nn.Conv2d(1, 6, kernel_size=5, padding=2)"),
    ("embedding-bag", "Bags of equal length are rows"): (
        "bag(tokens.unsqueeze(0))", "bag, tokens = nn.EmbeddingBag(10, 3), "
        "torch.zeros(5).long()\nbag(tokens.unsqueeze(0))"),
    ("softmax-mask", "Two masks, or one of another kind, in the fast step"): (
        "torch.backends.mha.set_fastpath_enabled(False)",
        "torch.backends.mha.set_fastpath_enabled(False)\ntorch.backends.mha.set_fastpath_enabled(True)"),
    ("grad-unused", "It may be unused"): (
        "torch.autograd.grad(out, inputs, allow_unused=True)",
        "inputs, out = [R(2, requires_grad=True)], R(1, requires_grad=True) * 2\n"
        "torch.autograd.grad(out, inputs, allow_unused=True)"),
    ("dtype", "Class weights of a different type"): (
        "nn.CrossEntropyLoss(weight=weight.float())",
        f"{LABELS}weight = R(3).double()\nnn.CrossEntropyLoss(weight=weight.float())(R(6, 3), labels)"),
    ("axes", "No batch axis"): ("image.unsqueeze(0)", "image = R(1, 20, 24)\nnn.Conv2d(1, 6, 3)(image.unsqueeze(0))"),
    ("matrix", "The layer before it has a different width"): ("nn.Linear(", "nn.Linear(64, 5)(R(8, 64))"),
    ("matrix", "Not flattened"): (
        "torch.flatten(x, start_dim=1)", "x = R(2, 12, 4, 4)\nnn.Linear(192, 10)(torch.flatten(x, start_dim=1))"),
}  # fmt: skip

NOT_TRIED = {
    ("attention-kernel", "The inputs are float32"), ("recomputed", "The part depends on something that changes"),
    ("export-sizes", "The code or a layer fixes it"), ("export-sizes", "The example has size 1"),
    ("image-file", "A file that is not a picture"), ("image-file", "The message does not name the file"),
    ("no-parameters", "Everything is frozen"), ("collate", "The pictures were not converted to tensors"),
    ("no-samples", "The folder has no images"), ("normalize", "Normalize with three means for grayscale images"),
    ("not-subscriptable", "Not the value you meant"), ("weights-only", "One harmless type is not on PyTorch's list"),
    ("weights-only", "The file is something else"), ("corrupt-file", "The file is something else"),
    ("load-key", "The file is something else"), ("load-key", "A file from another library"),
    ("class-weights", "The network does not have one output per class"), ("cat-nothing",
        "Nothing was added to the list"),
    ("attribute", "The loss is a plain number"), ("unpack", "A batch with a different number of parts"),
    ("unpack-nothing", "A list is expected"), ("running-mean", "Made for a different layer"),
    ("pickle", "A lambda in a transform or in the network"),
    ("resize-storage", "Samples of different sizes in a DataLoader with workers"),
    ("nccl-missing", "No card, Windows or a Mac"), ("process-group", "init_process_group or torchrun is missing"),
    ("trace-input", "add_graph and export record a trace as well"),
    ("process-group", "An earlier run still uses the port"), ("group-norm", "Groups of unequal size"),
}  # fmt: skip
