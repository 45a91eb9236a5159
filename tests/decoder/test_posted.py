"""Of what people post, the line or the words around a message say what is meant."""

import pytest
import torch
from torch import nn

from layerscope.decoder.decoding import decode
from tests.decoder.mistakes import torch_words
from tests.decoder.test_lines import of
from tests.decoder.test_messages import check_sentences
from tests.decoder.trials import run

R = torch.rand


def trained(width: int) -> torch.optim.Optimizer:
    layer = nn.Linear(width, 4)
    optimizer = torch.optim.Adam(layer.parameters())
    layer(R(1, width)).sum().backward()
    optimizer.step()
    return optimizer


def with_another_state() -> None:
    optimizer = trained(5)
    optimizer.load_state_dict(trained(3).state_dict())
    optimizer.step()


LINES = [
    ("optimizer.step()", with_another_state, "The optimizer's state belongs to other weights"),
    ("exp_avg.mul_(beta1).add_(grad, alpha=1.0 - beta1)", with_another_state,
     "The optimizer's state belongs to other weights"),
    ("y = torch.matmul(x, w)", lambda: R(1, 784) @ R(10, 784), "The second matrix is transposed"),
    ("y = torch.mm(x, w)", lambda: R(784, 3) @ R(784, 10), "The first matrix is transposed"),
    ("y = x @ w", lambda: R(4, 6) @ R(5, 7), "The two matrices were made for different widths"),
    ("scores, _ = pack_padded_sequence(x, lengths, batch_first=True)", lambda: run("a, b = R(4)"),
     "A packed sequence is one object"),
    ("out, extra = self.model(images)", lambda: run("a, b = R(4)"),
     "The network returns a different number of values"),
    ("h, w = img.shape[:2]", lambda: run("image = None\nimage.shape"), "OpenCV did not find the picture"),
    ("w1.grad.data.zero_()", lambda: nn.Linear(2, 2).weight.grad.data.zero_(), "No gradient yet"),  # type: ignore
    ("length = past[0].shape[2]", lambda: run("past = None\npast.shape"), "forward returns nothing"),
    ("out = UNet(images)", lambda: bool(R(2) > 0), "The network's class got the batch"),
    ("if mask not in masks:", lambda: bool(R(2) > 0), "A search for a tensor in a list"),
    ("if attention:", lambda: bool(R(2) > 0), "A check whether there is a tensor at all"),
    ("loss = CrossEntropyLoss(out, labels)", lambda: bool(R(2) > 0), "The loss class got the batch"),
    ("matrix += torch.bincount(labels * 14 + out, minlength=196).view(14, 14)",
     lambda: torch.bincount(torch.tensor([250]), minlength=196).view(14, 14), "A class number is too large"),
    ("loss = F.binary_cross_entropy(out, target)", lambda: run("out = (R(2), R(2))\nout.size()"),
     "The network returns a tuple"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "make", "title"), LINES)
def test_the_line_says_what_is_meant(line, make, title):
    assert of(line, torch_words(make)).causes[0].title == title


WORDS = [
    ("File \"/lib/torch/nn/parallel/parallel_apply.py\", line 42, in _worker\n    output = module(*input, **kwargs)\n"
     "TypeError: forward() missing 1 required positional argument: 'input'", "A card got no part of the batch"),
    ("File \"torchsummary.py\", line 23, in hook\nAttributeError: 'tuple' object has no attribute 'size'",
     "torchsummary cannot follow layers with two results"),
    ("AttributeError: module 'torch' has no attribute '_six'", "torch._six is gone"),
    ("AttributeError: module 'torch._six' has no attribute 'PY3'", "torch._six is gone"),
    ("pic should be Tensor or ndarray. Got <class 'torch.FloatTensor'>",
     "ToPILImage gets a tensor with another number of axes"),
    ("pic should be Tensor or ndarray. Got <class 'PIL.Image.Image'>.", "ToPILImage gets a picture"),
    ("img should be PIL Image. Got <class 'torch.Tensor'>", "A transform of pictures comes after ToTensor"),
    ("RuntimeError: Function CudnnRnnBackward0 returned an invalid gradient at index 1 - got [0] but expected shape "
     "compatible with [8, 5]", "A tensor was replaced between forward and backward"),
    ("RuntimeError: function SquareBackward returned an invalid gradient at index 0 - got [3] but expected shape "
     "compatible with [1]", "A gradient of another shape"),
    ("torch._dynamo.exc.BackendCompilerFailed: backend='inductor' raised:\nTypeError: 'NoneType' object is not "
     "iterable\n\nSet TORCHDYNAMO_VERBOSE=1 for the internal stack trace", "The backend fails, not your code"),
    ("RuntimeError: Expected hidden[0] size (1, 64, 256), got (64, 256)", "The state lacks the layer axis"),
    ("NotImplementedError: \"_amp_foreach_non_finite_check_and_unscale_cuda\" not implemented for 'BFloat16'",
     "A GradScaler with bfloat16"),
    ("File \"/lib/timm/models/factory.py\", line 57, in create_model\nFile \"net.py\", line 3, in net_base\n"
     "    model = MyTransformer(\nTypeError: __init__() got an unexpected keyword argument 'in_chans'",
     "timm hands its own arguments to the class"),
    ("TypeError: accuracy() missing 1 required positional argument: 'task'", "torchmetrics needs task"),
    ('Error while processing rearrange-reduction pattern "b h (x y) d -> b h x y d".\n Input tensor shape: '
     "torch.Size([2, 4, 900, 8]). Additional info: {'x': 26, 'y': 26}.\n Shape mismatch, 900 != 676",
     "The axis has 900 places, and the sizes in the call make 676"),
    ("RuntimeError: Error(s) in loading state_dict for Net:\n\tsize mismatch for pos.weight: copying a param of "
     "torch.Size([51, 30]) from checkpoint, where the shape is torch.Size([180, 30]) in current model.",
     "A different image size or text length"),
    ('Unexpected key(s) in state_dict: "model", "optimizer", "epoch".', "The file holds more than the weights"),
    ("in self._torchtext vocab.stoi[x]\nKeyError: None", "A word that the vocabulary lacks"),
    ("RuntimeError: input and target shapes do not match: input [50 x 10], target [8 x 10]",
     "The number of samples changed on the way"),
    ("runtimeerror:the size of tensor a (4) must match the size of tensor b (3) at non-singleton dimension 0",
     "Images with transparency (RGBA)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "title"), WORDS)
def test_the_words_around_it_say_what_is_meant(text, title):
    decoded = decode(text)
    assert decoded is not None
    assert decoded.causes[0].title == title
    assert not decoded.then
    if "KeyError: None" not in text:
        check_sentences(text, None)


def test_the_line_says_along_which_axis_torch_cat_joined():
    decoded = of("y = torch.cat([x, pad * 0], 1)", "Sizes of tensors must match except in dimension 2. Got 4 and 8")
    assert "along axis 1" in decoded.says
    assert ("dimension 2", "the axis on which they differ, counted from 0") in decoded.meanings


def test_an_old_list_of_differences_says_whose_sizes_they_are():
    text = (
        'While copying the parameter named "conv.weight", whose dimensions in the model are torch.Size([64, 9, 4, 4]) '
        "and whose dimensions in the checkpoint are torch.Size([64, 49, 4, 4])."
    )
    decoded = decode(text)
    assert decoded is not None
    assert decoded.meanings[0][1].startswith("64×49×4×4 in the file, 64×9×4×4 in the model")


def test_a_list_without_its_heading_is_shown_from_its_beginning():
    lines = [
        f"size mismatch for {name}: copying a param with shape torch.Size([3]) from checkpoint, the shape in current "
        "model is torch.Size([4])."
        for name in ("norm.weight", "norm.bias")
    ]
    decoded = decode("What is this?\n" + "\n".join(lines))
    assert decoded is not None
    assert decoded.message.startswith("size mismatch for norm.weight")
    assert len(decoded.meanings) == 2


SIZES = "RuntimeError: The size of tensor a (64) must match the size of tensor b (128) at non-singleton dimension 3"
SENTENCES = [
    (f"It said: [{SIZES} at line  loss = torch.mean((outputs - y) ** 2)], so @all, what is wrong?",
     "Outputs and labels of different shapes"),
    (f"The error is in this line y = torch.tanh(self.a(x) + self.b(z))\n**{SIZES}**",
     "A skip connection between different shapes"),
    (f"My notebook: scores = scores.masked_fill(mask == 0, -1e9) {SIZES}",
     "The mask lacks the axis of the heads, or of the queries"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "title"), SENTENCES)
def test_a_line_of_code_in_a_sentence_counts(text, title):
    decoded = decode(text.replace("128", "100"))
    assert decoded is not None
    assert decoded.causes[0].title == title


def test_a_weight_that_many_steps_changed_points_at_the_optimizer():
    """Two networks, the first stepped before backward goes through it: as in a GAN."""

    def adversarial() -> None:
        one, other = nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1)
        optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
        for _ in range(120):
            other(one(R(1, 1, 2, 2))).sum().backward()
            optimizer.step()
        out = other(one(R(1, 1, 2, 2))).sum()
        optimizer.step()
        out.backward()

    decoded = decode(torch_words(adversarial))
    assert decoded is not None
    assert decoded.causes[0].title == "The weights changed before backward"


@pytest.mark.parametrize(
    ("line", "words", "title"),
    [
        ("state = torch.from_numpy(state)", "TypeError: expected np.ndarray (got tuple)",
         "The environment returns a state and more"),
        ("q = net(states).gather(1, actions)",
         "Expected object of type torch.LongTensor but found type torch.IntTensor for argument #3 'index'",
         "Indices of another type"),
        ("out = torch.index_select(x, 0, places)",
         "Expected object of type torch.LongTensor but found type torch.IntTensor for argument #3 'index'",
         "Floats for an Embedding"),
    ],
)  # fmt: skip
def test_old_words_of_types_and_their_line(line, words, title):
    assert of(line, words).causes[0].title == title
