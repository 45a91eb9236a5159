"""What a message, or what stands before it, says of the cause: kinds that people posted."""

import pytest

from layerscope.decoder.decoding import decode

ASSERTION = (
    "../aten/src/ATen/native/cuda/Loss.cu:250: nll_loss: block: [0,0,0], thread: [7,0,0] Assertion "
    "`t >= 0 && t < n_classes` failed.\n"
)
STEREO = (
    "Padding size should be less than the corresponding input dimension, but got: padding ({0}, {0}) at dimension 2 "
)
SPATIAL = "RuntimeError: only batches of spatial targets supported (3D tensors) but got targets of size: : "
KILLED = "RuntimeError: DataLoader worker (pid 77) is killed by signal: "
CASES = [
    ("RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
     "Too little memory is left on the card"),
    (f"{ASSERTION}RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
     "Labels that count from 1"),
    (f"{ASSERTION}RuntimeError: cuDNN error: CUDNN_STATUS_MAPPING_ERROR", "Labels that count from 1"),
    ("RuntimeError: cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if you passed in a non-contiguous "
     "input.", "The values are not in order in memory, or are too many"),
    (f"    spec = torch.stft(y, 512)\nRuntimeError: {STEREO.format(256)}of input [1, 90000, 2]",
     "A recording in stereo, its channels last"),
    (f"RuntimeError: {STEREO.format(3)}of input [1, 1, 2, 2]", "The images are too small"),
    (f"{SPATIAL}[4, 100, 120, 3]", "Masks as color pictures, their colors last"),
    (f"{SPATIAL}[4, 1, 100, 120]", "Masks with a channel axis"),
    (f"{SPATIAL}[4, 100]", "One label per image, but outputs that are maps"),
    (f"{KILLED}Illegal instruction.", "A package was built for another processor"),
    (f"{KILLED}Aborted.", "A library crashed in the worker"),
    (f"{KILLED}Killed.", "Not enough memory"),
    ("ERROR: Unexpected bus error encountered in worker.", "Docker's shared memory is too small"),
    ("RuntimeError: Unsupported: ONNX export of operator adaptive_avg_pool2d, since output size is not factor of input "
     "size.", "An adaptive pooling whose size does not divide the map"),
    ("TypeError: linear(): argument 'input' (position 1) must be Tensor, not BatchEncoding",
     "The tokenizer's answer was not unpacked"),
    ("AttributeError: 'InceptionOutputs' object has no attribute 'log_softmax'", "Two heads while training"),
    ("AttributeError: 'SequenceClassifierOutput' object has no attribute 'argmax'",
     "An object that contains tensors"),
    ("AttributeError: 'str' object has no attribute 'seek'", "A path instead of an open file"),
    ("AttributeError: 'Variable' object has no attribute 'item'", "PyTorch is older than the code"),
    ("AttributeError: 'Net' object has no attribute 'fc9'", "fc9 was never made"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "title"), CASES)
def test_the_cause_that_the_words_point_at_comes_first(text: str, title: str) -> None:
    decoded = decode(text)
    assert decoded is not None
    assert decoded.causes[0].title == title


def test_a_mac_has_no_nvidia_tool() -> None:
    words = "MPS backend out of memory (MPS allocated: 17.72 GB, max allowed: 18.13 GB). Tried to allocate 500.00 MB"
    decoded = decode(f"RuntimeError: {words}")
    assert decoded is not None
    assert not any("nvidia-smi" in cause.remedy for cause in decoded.causes)
