"""What older versions of torch, and machines with a card or several processes, say."""

import torch

WRITTEN = {
    *(["no-cuda"] if torch.version.cuda else []),
    *(["nccl-missing"] if torch.distributed.is_nccl_available() else []),
    "device-assert", "cublas", "kernel-image", "old-driver", "fork", "device-number", "mps-float64", "no-mps",
    "nccl", "nccl-timeout", "ddp-twice", "child-failed", "replica-device", "paging-file", "dll", "broken-pipe",
    "shared-library", "build-cuda", "operator-missing", "ddp-unused", "compile-branch", "compile-unsupported",
    "onnx", "worker", "transform-order", "crop", "lost-class", "map-location", "bmm-old", "bmm-inner", "cat-types",
    "picture-axes",
    "launch", "card-busy", "integer-division", "rnn-backward", "image-format",
    "einops", "autocast-loss", "open-files", "pin-memory", "image-folder", "no-download", "no-numpy",
    "shown-picture", "empty-picture", "onnx-sizes", "onnx-names", "onnx-types", "flash-missing", "index-device",
    "pad-token", "trainer-package", "hub-offline", "loader-child", "cudnn-version",
    "box-order", "image-list", "box-targets", "model-name", "model-size", "metric-shapes", "metric-types",
    "lightning-method", "lightning-monitor", "lightning-scheduler", "lightning-module", "lightning-removed",
    "token-lengths", "trainer-loss", "trainer-renamed", "adapter-layers", "edge-range", "edge-form", "trace-constant",
    "ddp-model", "spawn-lost", "mps-assertion",
    "scatter-range", "sync-norm", "gather-scalars", "async-argument", "script-index", "attention-mask-type",
    "trace-warning",
    "divisible-sizes", "duplicate-library", "cudnn-library", "audio-backend", "quantized-move", "shared-tensors",
    "lightning-log", "support-unnamed",
    "element-counts", "shared-memory", "compile-failed", "ddp-frozen", "no-input-ids", "generator-device",
}  # fmt: skip
"""Kinds that need a card, a Mac, several processes, a file or an older torch: in torch's words, but not provoked."""

_EINOPS = (
    'EinopsError:  Error while processing rearrange-reduction pattern "b c (h p) w -> b (h w) (p c)".\\n Input tensor '
)
NCCL = "NCCL error in: ../torch/csrc/distributed/c10d/"
OLD = [
    ("nccl-timeout", "[rank1]:[E] [PG 0 Rank 1] Heartbeat monitor timed out! Process will be terminated"),
    (
        "nccl-timeout",
        "RuntimeError: Rank 1 successfully reached monitoredBarrier, but received errors while waiting for it",
    ),
    (
        "dtype",
        "RuntimeError: Expected tensor for argument #1 'grad_output' to have the same type as tensor for argument #2 "
        "'weight'; but type torch.cuda.HalfTensor does not equal torch.cuda.FloatTensor",
    ),
    ("trace-warning", "TracerWarning: Converting a tensor to a Python integer might cause the trace to be incorrect."),
    ("gather-scalars", "UserWarning: Was asked to gather along dimension 0, but all input tensors were scalars;"),
    (
        "scatter-range",
        "RuntimeError: Invalid index in gatherOutIndex at ../aten/src/TH/generic/THTensorMoreMath.cpp:18",
    ),
    ("sync-norm", "ValueError: SyncBatchNorm expected input tensor to be on GPU or cuda"),
    ("async-argument", "    x = x.cuda(async=True)\n                   ^\nSyntaxError: invalid syntax"),
    ("script-index", "RuntimeError: \nExpected integer literal for index:\n  File 'net.py', line 9"),
    (
        "attention-mask-type",
        "RuntimeError: Expected attn_mask dtype to be bool or float or to match query dtype, but got "
        "attn_mask.dtype: float and  query.dtype: c10::Half instead.",
    ),
    (
        "divisible-sizes",
        "RuntimeError: Wrong input shape height=190, width=300. Expected image height and width divisible by 32. "
        "Consider pad your images to shape (192, 320).",
    ),
    ("duplicate-library", "OMP: Error #15: Initializing libiomp5.dylib, but found libomp.dylib already initialized."),
    ("cudnn-library", "Could not locate cudnn_ops_infer64_8.dll. Please make sure it is in your library path!"),
    ("audio-backend", "RuntimeError: Couldn't find appropriate backend to handle uri /data/a.mp3 and format None."),
    (
        "quantized-move",
        "ValueError: `.to` is not supported for `8-bit` bitsandbytes models. Please use the model as it is.",
    ),
    (
        "shared-tensors",
        "RuntimeError: The weights trying to be saved contained shared tensors [{'a.weight', 'b.weight'}] that are "
        "mismatching the transformers base configuration.",
    ),
    (
        "lightning-log",
        "MisconfigurationException: You are trying to `self.log()` but the loop's result collection is not registered",
    ),
    ("embedding", "RuntimeError: index out of range at ../aten/src/TH/generic/THTensorEvenMoreMath.cpp:193"),
    ("onnx", "RuntimeError: ONNX export failed: Couldn't export operator aten::adaptive_max_pool2d"),
    ("dtype", "RuntimeError: expected dtype Double but got dtype Float (validate_dtype at TensorIterator.cpp:143)"),
    ("support-unnamed", "ValueError: The value argument must be within the support"),
    ("padding-mask", "AssertionError: expecting key_padding_mask shape of (8, 50), but got torch.Size([50, 8])"),
    (
        "resize-sizes",
        "ValueError: Input and output must have the same number of spatial dimensions, but got input with with spatial "
        "dimensions of [9, 9] and output size of (64,).",
    ),
    (
        "worker",
        "ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory.",
    ),
    (
        "no-forward",
        'File "module.py", line 201, in _forward_unimplemented\n    raise NotImplementedError\nNotImplementedError',
    ),
    ("not-numeric", "TypeError: Variable data has to be a tensor, but got list"),
    ("model-size", "AssertionError: Wrong image height! Expected 224 but got 256!"),
    ("model-size", "ValueError: Input image size (256*256) doesn't match model (224*224)."),
    ("model-size", "AssertionError: Input height (256) doesn't match model (224)."),
    (
        "token-lengths",
        "ValueError: Unable to create tensor, you should probably activate truncation and/or padding with "
        "'padding=True' 'truncation=True' to have batched tensors with the same length. Perhaps your features "
        "(`labels` in this case) have excessive nesting (inputs type `list` where type `int` is expected).",
    ),
    ("no-input-ids", "ValueError: You have to specify either input_ids or inputs_embeds"),
    ("no-input-ids", "ValueError: You must specify exactly one of input_ids or inputs_embeds"),
    ("no-input-ids", "ValueError: You have to specify either decoder_input_ids or decoder_inputs_embeds"),
    (
        "lightning-method",
        "lightning.fabric.utilities.exceptions.MisconfigurationException: No `training_step()` method defined. "
        "Lightning `Trainer` expects as minimum `training_step()`, `train_dataloader()` and `configure_optimizers()` "
        "to be defined.",
    ),
    (
        "lightning-monitor",
        "RuntimeError: Early stopping conditioned on metric `val_loss` which is not available. Pass in or modify your "
        "`EarlyStopping` callback to use any of the following: `train_loss`",
    ),
    (
        "lightning-monitor",
        "MisconfigurationException: `ModelCheckpoint(monitor='val_acc')` could not find the monitored key in the "
        "returned metrics: ['epoch', 'step'].",
    ),
    ("generator-device", "RuntimeError: Expected a 'cuda' device type for generator but found 'cpu'"),
    ("no-cuda", "RuntimeError: No CUDA GPUs are available"),
    ("rnn-axes", "AssertionError: LSTM: Expected input to be 2-D or 3-D but received 4-D tensor"),
    ("cublas", "RuntimeError: FIND was unable to find an engine to execute this computation"),
    ("truth-value", "RuntimeError: bool value of Variable objects containing non-empty torch.ByteTensor is ambiguous"),
    (
        "empty-reduction",
        "RuntimeError: cannot perform reduction function max on tensor with no elements because the operation does not "
        "have an identity",
    ),
    (
        "image-folder",
        "RuntimeError: Found 0 files in subfolders of: data/train\nSupported extensions are: .jpg,.jpeg,.png,.ppm",
    ),
    ("nccl", f"RuntimeError: {NCCL}ProcessGroupNCCL.cpp:784, unhandled system error, NCCL version 2.10.3"),
    (
        "nccl",
        f"torch.distributed.DistBackendError: {NCCL}NCCLUtils.hpp:219, invalid usage (run with NCCL_DEBUG=WARN for "
        "details), NCCL version 2.18.1\nncclInvalidUsage: This usually reflects invalid usage of NCCL library.\nLast "
        "error:\nDuplicate GPU detected : rank 1 and rank 0 both on CUDA device 1000",
    ),
    (
        "box-order",
        "AssertionError: All bounding boxes should have positive height and width. Found invaid box [20.5, 8.0, 3.0, "
        "4.0] for target at index 0.",
    ),
    (
        "image-list",
        "ValueError: images is expected to be a list of 3d tensors of shape [C, H, W], got torch.Size([8, 9])",
    ),
    ("box-targets", "AssertionError: targets should not be none when in training mode"),
    ("box-targets", "ValueError: In training mode, targets should be passed"),
    ("box-targets", "AssertionError: Expected target boxes to be of type Tensor, got <class 'list'>."),
    ("box-targets", "ValueError: Expected target boxes to be a tensorof shape [N, 4], got torch.Size([4])."),
    ("model-name", "RuntimeError: Unknown model (vit_small_of_mine)"),
    ("model-name", "ValueError: Unknown model resnet19"),
    ("model-name", "RuntimeError: Invalid pretrained tag (mine) for resnet18."),
    ("model-size", "AssertionError: Input image size (256*256) doesn't match model (224*224)."),
    ("model-size", "AssertionError: Wrong image height! Expected 224 but got 128!"),
    ("metric-mix", "ValueError: multiclass format is not supported"),
    (
        "metric-shapes",
        "ValueError: Either `preds` and `target` both should have the (same) shape (N, ...), or `target` should be "
        "(N, ...) and `preds` should be (N, C, ...).",
    ),
    ("metric-types", "ValueError: The `target` has to be an integer tensor."),
    (
        "metric-types",
        "ValueError: Optional arg `num_classes` must be type `int` when task is multiclass. Got <class 'NoneType'>",
    ),
    (
        "lightning-method",
        "MisconfigurationException: `train_dataloader` must be implemented to be used with the Lightning Trainer",
    ),
    (
        "lightning-method",
        "MisconfigurationException: No `training_step()` method defined. Lightning `Trainer` expects as minimum",
    ),
    (
        "lightning-monitor",
        "RuntimeError: Early stopping conditioned on metric `val_loss` which is not available. Pass in or modify your "
        "`EarlyStopping` callback to use any of the following: `train_loss`",
    ),
    (
        "lightning-monitor",
        "MisconfigurationException: ModelCheckpoint(monitor='val_acc') not found in the returned metrics: ['loss'].",
    ),
    (
        "lightning-scheduler",
        "MisconfigurationException: The provided lr scheduler `StepLR` doesn't follow PyTorch's LRScheduler API.",
    ),
    ("lightning-module", "TypeError: `model` must be a `LightningModule`, got `Net`"),
    ("lightning-removed", "TypeError: __init__() got an unexpected keyword argument 'gpus'"),
    ("lightning-removed", "AttributeError: type object 'Trainer' has no attribute 'from_argparse_args'"),
    (
        "token-lengths",
        "ValueError: Unable to create tensor, you should probably activate truncation and/or padding with "
        "'padding=True' 'truncation=True' to have batched tensors with the same length.",
    ),
    (
        "trainer-loss",
        "ValueError: The model did not return a loss from the inputs, only the following keys: logits. For reference, "
        "the inputs it received are input_ids.",
    ),
    (
        "trainer-renamed",
        "TypeError: TrainingArguments.__init__() got an unexpected keyword argument 'evaluation_strategy'",
    ),
    ("trainer-renamed", "TypeError: Trainer.__init__() got an unexpected keyword argument 'tokenizer'"),
    ("adapter-layers", "ValueError: Target modules {'query'} not found in the base model. Please check"),
    (
        "edge-range",
        "IndexError: Found indices in 'edge_index' that are larger than 9 (got 30). Please ensure that all indices in "
        "'edge_index' point to valid indices in the interval [0, 10)",
    ),
    (
        "edge-form",
        "ValueError: `MessagePassing.propagate` only supports integer tensors of shape `[2, num_messages]`",
    ),
    (
        "trace-constant",
        "RuntimeError: output 1 ( 7 [ CPULongType{} ]) of traced region did not have observable data dependence with "
        "trace inputs; this probably indicates your program cannot be understood by the tracer.",
    ),
    (
        "trace-output",
        "Only tensors or tuples of tensors can be output from traced functions(getOutput at tracer.cpp:208)",
    ),
    ("source-missing", "InternalTorchDynamoError: source code not available"),
    ("source-missing", "RuntimeError: Could not get name of python class object"),
    (
        "ddp-model",
        "RuntimeError: DDP expects same model across all ranks, but Rank 1 has 10 params, while rank 0 has "
        "inconsistent 8 params.",
    ),
    ("child-failed", "CHILD PROCESS FAILED WITH NO ERROR_FILE Child process 170 (local_rank 0) FAILED (exitcode 1)"),
    (
        "spawn-lost",
        "    self = reduction.pickle.load(from_parent)\n           ^^^^^^^^^^^^^^^\nEOFError: Ran out of input",
    ),
    (
        "spawn-lost",
        "    new_handle = reduction.steal_handle(parent_pid, pipe_handle)\nPermissionError: [WinError 5] Access is "
        "denied",
    ),
    (
        "mps-assertion",
        "MPSGraph.mm:673: failed assertion `Placeholder shape mismatches (expected 1 vs got 3) at dimIdx = 2'",
    ),
    ("memory", "RuntimeError: Invalid buffer size: 9.75 GB"),
    ("dtype", "RuntimeError: expected Double tensor (got Float tensor)"),
    ("numpy", "RuntimeError: numpy conversion for FloatTensor is not supported"),
    ("numpy", "cannot convert CUDA tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first"),
    ("cublas", "RuntimeError: CUDNN_STATUS_EXECUTION_FAILED"),
    ("embedding", "RuntimeError: index out of range at /pytorch/aten/src/TH/generic/THTensorMath.cpp:343"),
    ("einops", "Shape mismatch, can't divide axis of length 85 in chunks of 2"),
    ("target-size", "RuntimeError: input and target shapes do not match: input [50 x 10], target [8 x 10] at MSE.c:13"),
    (
        "quantize-type",
        "RuntimeError: Could not run 'aten::thnn_conv2d_forward' with arguments from the "
        "'QuantizedCPUTensorId' backend.",
    ),
    (
        "device-assert",
        "Indexing.cu:702: block: [3,0,0], thread: [10,0,0] Assertion `srcIndex < srcSelectDimSize` failed.",
    ),
    (
        "device-assert",
        'IndexKernel.cu:53: Assertion `index >= -sizes[i] && index < sizes[i] && "index out of bounds"` failed.',
    ),
    ("transform-order", "TypeError: tensor is not a torch image."),
    ("shared-library", "OSError: /site-packages/fast/fast.so: undefined symbol: _ZN2at6detail20computeStorageNbytes"),
    (
        "checkpoint",
        'While copying the parameter named "fc.weight", whose dimensions in the model are torch.Size([3, 4]) and whose '
        "dimensions in the checkpoint are torch.Size([3, 5]).",
    ),
    ("checkpoint", 'Unexpected key(s) in state_dict: "model", "optimizer", "epoch".'),
    ("sizes", "runtimeerror:the size of tensor a (8) must match the size of tensor b (4) at non-singleton dimension 3"),
    ("not-implemented", "\"_amp_foreach_non_finite_check_and_unscale_cuda\" not implemented for 'BFloat16'"),
    ("nccl", "RuntimeError: NCCL Error 2: unhandled system error"),
    (
        "nccl",
        "torch.distributed.DistBackendError: [1] is setting up NCCL communicator and retrieving ncclUniqueId from [0] "
        "via c10d key-value store by key '0', but store->get('0') got error: Connection reset by peer",
    ),
    (
        "process-group",
        "torch.distributed.DistNetworkError: The server socket has failed to listen on any local network address. The "
        "server socket has failed to bind to [::]:80 (errno: 13 - Permission denied).",
    ),
    (
        "ddp-frozen",
        "RuntimeError: DistributedDataParallel is not needed when a module doesn't have any parameter that requires a "
        "gradient.",
    ),
    (
        "compile-failed",
        "torch._dynamo.exc.TorchRuntimeError: Failed running call_function <function something at 0x7f>(*(FakeTensor("
        "..., size=(2, 3)),), **{}):\nwords that are not known",
    ),
    (
        "matrix",
        "torch._dynamo.exc.TorchRuntimeError: Failed running call_function <built-in function linear>(*(FakeTensor("
        "..., size=(2, 3456)), Parameter(FakeTensor(..., size=(10, 100))), None), **{}):\na and b must have same "
        'reduction dim, but got [2, 3456] X [100, 10].\n\nfrom user code:\n  File "net.py", line 9, in forward',
    ),
    ("nccl", "RuntimeError: NCCL communicator was aborted on rank 1."),
    (
        "nccl-timeout",
        "[rank0]:[E ProcessGroupNCCL.cpp:475] [Rank 0] Watchdog caught collective operation timeout: "
        "WorkNCCL(SeqNum=12, "
        "OpType=ALLREDUCE, Timeout(ms)=1800000) ran for 1800123 milliseconds before timing out.",
    ),
    (
        "nccl-timeout",
        "RuntimeError: Some NCCL operations have failed or timed out. Due to the asynchronous nature of CUDA kernels",
    ),
    ("nccl-timeout", "RuntimeError: [../gloo/transport/tcp/pair.cc:598] Connection closed by peer [127.0.0.1]:29501"),
    ("nccl-missing", "RuntimeError: Distributed package doesn't have NCCL built in"),
    ("nccl-missing", "RuntimeError: ProcessGroupNCCL is only supported with GPUs, no GPUs found!"),
    ("nccl-missing", "RuntimeError: No backend type associated with device type cpu"),
    ("nccl-missing", "RuntimeError: Tensors must be CUDA and dense"),
    (
        "ddp-twice",
        "RuntimeError: Expected to mark a variable ready only once. This error is caused by one of the following "
        "reasons: 1) Use of a module parameter outside the `forward` function.",
    ),
    ("child-failed", "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n=====\ntrain.py FAILED"),
    ("child-failed", "torch.multiprocessing.spawn.ProcessExitedException: process 1 terminated with exit code 1"),
    (
        "replica-device",
        "RuntimeError: module must have its parameters and buffers on device cuda:1 (device_ids[0]) but found one of "
        "them on device: cuda:0",
    ),
    (
        "paging-file",
        'OSError: [WinError 1455] The paging file is too small for this operation to complete. Error loading "C:\\a\\'
        'cudnn_cnn_infer64_8.dll" or one of its dependencies.',
    ),
    ("paging-file", "ImportError: DLL load failed: The paging file is too small for this operation to complete."),
    (
        "dll",
        'OSError: [WinError 126] The specified module could not be found. Error loading "C:\\torch\\lib\\c10.dll" or '
        "one of its dependencies.",
    ),
    (
        "dll",
        "OSError: [WinError 1114] A dynamic link library (DLL) initialization routine failed. Error loading "
        '"C:\\a.dll"',
    ),
    ("dll", "ImportError: DLL load failed while importing _C: The specified module could not be found."),
    ("broken-pipe", "BrokenPipeError: [Errno 32] Broken pipe"),
    ("shared-library", "Could not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: cannot open"),
    (
        "shared-library",
        "OSError: /opt/torch/lib/libtorch_cuda.so: undefined symbol: cublasLtGetStatusString, version "
        "libcublasLt.so.11",
    ),
    ("build-cuda", "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root."),
    ("build-cuda", "The detected CUDA version (12.1) mismatches the version that was used to compile PyTorch (11.8)."),
    ("open-files", "RuntimeError: Too many open files. Communication with the workers is no longer possible."),
    ("pool-axes", "AssertionError: Input dimension should be at least 3"),
    (
        "pool-axes",
        "ValueError: non-empty 3D or 4D (batch mode) tensor expected for input",
    ),
    ("resize-sizes", "ValueError: size shape must match input shape. Input is 2D, size is 3"),
    ("resize-sizes", "ValueError: scale_factor shape must match input shape. Input is 2D, scale_factor size is 3"),
    ("softmax-mask", "RuntimeError: Mask shape should match input. mask: [2, 5] input: [2, 4, 5, 5]"),
    ("softmax-mask", "RuntimeError: Mask shape should match input shape"),
    (
        "target-size",
        "ValueError: Target and input must have the same number of elements. target nelement (64) != input nelement "
        "(128)",
    ),
    ("dropout", "ValueError: dropout probability has to be between 0 and 1, but got 50"),
    ("grad-unused", "RuntimeError: One of the differentiated Tensors appears to not have been used in the graph."),
    (
        "legacy-function",
        "RuntimeError: Legacy autograd function object was called twice. Legacy autograd functions with "
        "non-static forward method are deprecated.",
    ),
    (
        "script-unsupported",
        "torch.jit.frontend.NotSupportedError: keyword-arg expansion is not supported:\n at net.py:8",
    ),
    ("script-unsupported", "UnsupportedNodeError: GeneratorExp aren't supported:"),
    (
        "compile-unsupported",
        "Cannot find a working triton installation. Either the package is not installed or it is too "
        "old. More information on installing Triton can be found at: https://github.com/triton-lang/triton",
    ),
    ("compile-unsupported", "torch._inductor.exc.InductorError: RuntimeError: Compiler: cl is not found."),
    ("compile-unsupported", "RuntimeError: Dynamo is not supported on Python 3.13+"),
    (
        "view-in-place",
        "RuntimeError: Output 0 of BroadcastBackward is a view and its base or another view of its base has "
        "been modified inplace.",
    ),
    (
        "einops",
        f"{_EINOPS}shape: torch.Size([1, 3, 250, 250]). Additional info: {{'p': 16}}.\\n Shape mismatch, can't "
        "divide axis of length 250 in chunks of 16",
    ),
    (
        "einops",
        f"{_EINOPS}shape: torch.Size([3, 250, 250]). Additional info: {{'p': 16}}.\\n Wrong shape: expected 4 "
        "dims. Received 3-dim tensor.",
    ),
    (
        "einops",
        f"{_EINOPS}shape: torch.Size([1, 3, 250, 250]). Additional info: {{}}.\\n Identifiers only on one side of "
        "expression (should be on both): {'q'}",
    ),
    (
        "autocast-loss",
        "RuntimeError: torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast.",
    ),
    ("open-files", "RuntimeError: received 0 items of ancdata"),
    (
        "open-files",
        "RuntimeError: unable to open shared memory object </torch_4711_12> in read-write mode: Too many open "
        "files (24)",
    ),
    ("pin-memory", "RuntimeError: cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned"),
    ("image-folder", "FileNotFoundError: Couldn't find any class folder in data/train."),
    (
        "image-folder",
        "FileNotFoundError: Found no valid file for the classes .ipynb_checkpoints. Supported extensions are: "
        ".jpg, .jpeg",
    ),
    ("no-download", "RuntimeError: Dataset not found. You can use download=True to download it"),
    (
        "no-download",
        "urllib.error.URLError: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
        "unable to get local issuer certificate (_ssl.c:1129)>",
    ),
    ("no-numpy", "RuntimeError: Numpy is not available"),
    ("worker", "RuntimeError: DataLoader timed out after 60 seconds"),
    ("worker", "RuntimeError: Pin memory thread exited unexpectedly"),
    ("cublas", "RuntimeError: Unable to find a valid cuDNN algorithm to run convolution"),
    ("nan", "RuntimeError: invalid multinomial distribution (encountering probability entry < 0)"),
    (
        "dtype",
        "RuntimeError: Expected object of scalar type Long but got scalar type Float for argument #1 'indices' in "
        "call to _th_index_select",
    ),
    ("gather-type", "RuntimeError: gather(): Expected dtype int64 for index"),
    ("super-class", "TypeError: super(type, obj): obj (instance of New) is not an instance or subtype of type (Old)."),
    ("device", "RuntimeError: Input type (MPSFloatType) and weight type (torch.FloatTensor) should be the same"),
    ("device", "RuntimeError: Input type (torch.FloatTensor) and weight type (MPSFloatType) should be the same"),
    ("device", "RuntimeError: Placeholder storage has not been allocated on MPS device!"),
    (
        "device",
        "RuntimeError: Expected object of type torch.FloatTensor but found type torch.cuda.FloatTensor for argument #2 "
        "'mat2'",
    ),
    ("device", "RuntimeError: Expected object of backend CPU but got backend CUDA for argument #4 'mat1'"),
    (
        "device",
        "RuntimeError: Expected object of device type cuda but got device type cpu for argument #1 'self' in call to "
        "_th_addmm",
    ),
    (
        "between",
        "RuntimeError: Assertion `x >= 0. && x <= 1.' failed. input value should be between 0~1, but got -0.234 at "
        "/pytorch/aten/src/THNN/generic/BCECriterion.c:62",
    ),
    ("rnn-axes", "RuntimeError: input must have 3 dimensions, got 2"),
    ("rnn-hidden", "RuntimeError: Expected hidden[0] size (2, 64, 128), got (1, 64, 128)"),
    ("packing-order", "ValueError: 'lengths' array has to be sorted in decreasing order"),
    (
        "packing-lengths",
        "RuntimeError: 'lengths' argument should be a 1D CPU int64 tensor, but got 1D cuda:0 Long tensor",
    ),
    ("attention-mask", "RuntimeError: The size of the 2D attn_mask is not correct."),
    ("attention-mask", "RuntimeError: The shape of the 2D attn_mask is torch.Size([7, 7]), but should be [3, 3]."),
    ("collate", "TypeError: batch must contain tensors, numbers, dicts or lists; found object"),
    ("no-samples", "ValueError: num_samples should be a positive integeral value, but got num_samples=0"),
    ("worker", "RuntimeError: DataLoader worker (pid(s) 1234, 5678) exited unexpectedly"),
    (
        "worker",
        "RuntimeError: DataLoader worker (pid 4711) is killed by signal: Bus error. It is possible that "
        "dataloader's workers are out of shared memory.",
    ),
    (
        "worker",
        "RuntimeError: An attempt has been made to start a new process before the current process has finished its "
        "bootstrapping phase.",
    ),
    ("transform-order", "TypeError: pic should be PIL Image or ndarray. Got <class 'torch.Tensor'>"),
    ("transform-order", "TypeError: img should be Tensor Image. Got <class 'PIL.Image.Image'>"),
    ("transform-order", "TypeError: tensor should be a torch tensor. Got <class 'PIL.Image.Image'>."),
    ("transform-order", "TypeError: Input tensor should be a float tensor. Got torch.uint8."),
    ("crop", "ValueError: Required crop size (32, 32) is larger then input image size (28, 28)"),
    (
        "weights-only",
        "_pickle.UnpicklingError: Weights only load failed. Re-running `torch.load` with `weights_only` set "
        "to `False` will likely succeed",
    ),
    ("corrupt-file", "RuntimeError: unexpected EOF, expected 7491165 more bytes. The file might be corrupted."),
    ("corrupt-file", "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory"),
    ("corrupt-file", "EOFError: Ran out of input"),
    ("load-key", "_pickle.UnpicklingError: invalid load key, 'v'."),
    (
        "map-location",
        "RuntimeError: Attempting to deserialize object on CUDA device 1 but torch.cuda.device_count() is 1. "
        "Please use torch.load with map_location",
    ),
    (
        "map-location",
        "RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is "
        "False. If you are running on a CPU-only machine",
    ),
    ("lost-class", "AttributeError: Can't get attribute 'Net' on <module '__main__' from 'predict.py'>"),
    ("label-sequence", "ValueError: Expected target size (6, 40), got torch.Size([6, 11])"),
    (
        "label-maps",
        "RuntimeError: input and target batch or spatial sizes don't match: target [2 x 16 x 16], input "
        "[2 x 5 x 32 x 32] at /pytorch/aten/src/THNN/generic/SpatialClassNLLCriterion.c:24",
    ),
    (
        "label-maps",
        "RuntimeError: size mismatch (got input: torch.Size([2, 5, 32, 32]), target: torch.Size([2, 16, 16])",
    ),
    (
        "class-weights",
        "RuntimeError: weight tensor should be defined either for all or no classes at /pytorch/aten/src",
    ),
    ("truth-value", "RuntimeError: bool value of Tensor with more than one value is ambiguous"),
    ("truth-value", "ValueError: The truth value of an array with more than one element is ambiguous."),
    (
        "bmm-old",
        "RuntimeError: Expected tensor to have size 4 at dimension 0, but got size 3 for argument #2 'batch2' (while "
        "checking arguments for bmm)",
    ),
    ("matrix-axes", "RuntimeError: matrices expected, got 3D, 2D tensors at /pytorch/aten/src/TH/THTensorMath.cpp:36"),
    ("vector-size", "RuntimeError: size mismatch, got 4, 4x5,4"),
    ("too-many-indices", "IndexError: too many indices for array: array is 1-dimensional, but 2 were indexed"),
    (
        "zero-dim",
        "IndexError: invalid index of a 0-dim tensor. Use tensor.item() to convert a 0-dim tensor to a number",
    ),
    ("permute", "RuntimeError: number of dims don't match in permute"),
    ("not-implemented", "RuntimeError: \"slow_conv2d_cpu\" not implemented for 'Half'"),
    ("not-implemented", "RuntimeError: Can only calculate the mean of floating types. Got Long instead."),
    (
        "not-implemented",
        "RuntimeError: mean(): input dtype should be either floating point or complex dtypes. Got Long instead.",
    ),
    ("cublas", "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ("cublas", "RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    ("cublas", "RuntimeError: CUDA error: an illegal memory access was encountered"),
    ("kernel-image", "RuntimeError: CUDA error: no kernel image is available for execution on the device"),
    ("kernel-image", "NVIDIA RTX with CUDA capability sm_120 is not compatible with the current PyTorch installation."),
    ("old-driver", "RuntimeError: The NVIDIA driver on your system is too old (found version 11040)."),
    (
        "fork",
        "RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must",
    ),
    ("device-number", "RuntimeError: CUDA error: invalid device ordinal"),
    (
        "mps-float64",
        "TypeError: Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.",
    ),
    ("no-mps", "RuntimeError: PyTorch is not linked with support for mps devices"),
    (
        "operator-missing",
        "NotImplementedError: The operator 'aten::_ctc_loss' is not currently implemented for the MPS device.",
    ),
    (
        "operator-missing",
        "NotImplementedError: Could not run 'torchvision::nms' with arguments from the 'CUDA' backend.",
    ),
    ("operator-missing", "RuntimeError: operator torchvision::nms does not exist"),
    (
        "ddp-unused",
        "RuntimeError: Expected to have finished reduction in the prior iteration before starting a new one.",
    ),
    ("process-group", "RuntimeError: Default process group has not been initialized, please make sure to call"),
    (
        "process-group",
        "ValueError: Error initializing torch.distributed using env:// rendezvous: environment variable RANK "
        "expected, but not set",
    ),
    (
        "process-group",
        "The server socket has failed to listen: code: -98, name: EADDRINUSE, message: address already in use",
    ),
    ("compile-branch", "torch._dynamo.exc.Unsupported: generic_jump TensorVariable()"),
    ("compile-branch", "torch._dynamo.exc.Unsupported: Data-dependent branching"),
    ("compile-branch", "UserError: Dynamic control flow is not supported at the moment."),
    ("compile-unsupported", "torch._dynamo.exc.Unsupported: call_function BuiltinVariable(print)"),
    ("compile-unsupported", "RuntimeError: Windows not yet supported for torch.compile"),
    (
        "onnx",
        "torch.onnx.errors.UnsupportedOperatorError: Exporting the operator 'aten::fft_fft2' to ONNX opset version 17 "
        "is not supported.",
    ),
    ("onnx", "OnnxExporterError: Module onnx is not installed!"),
    ("unpack", "ValueError: need more than 1 value to unpack"),
    ("no-name", "ImportError: cannot import name 'container_abcs' from 'torch._six'"),
    ("cat", "Sizes of tensors must match except in dimension 2. Got 35 and 34 (The offending index is 0)"),
    (
        "prelu",
        "RuntimeError: Mismatch of parameter numbers and input channel size. Found parameter numbers = 3 and channel "
        "size = 6.",
    ),
    ("matrix", "RuntimeError: size mismatch, m1: [1 x 300], m2: [192 x 120] at ..\\aten\\src\\TH/THTensorMath.cpp:41"),
    ("matrix", "RuntimeError: mat1 dim 1 must match mat2 dim 0"),
    (
        "axes",
        "Expected 4-dimensional input for 4-dimensional weight [6, 1, 5, 5], but got 3-dimensional input of size "
        "[1, 28, 28] instead",
    ),
    (
        "axes",
        "Expected 4-dimensional input for 4-dimensional weight 64 3 7 7, but got 3-dimensional input of size "
        "[3, 224, 224] instead",
    ),
    (
        "channels",
        "Given groups=1, weight of size 6 1 5 5, expected input[2, 3, 28, 28] to have 1 channels, "
        "but got 3 channels instead",
    ),
    (
        "channels",
        "Given groups=1, weight[6, 1, 5, 5], so expected input[2, 3, 28, 28] to have 1 channels, but got 3 "
        "channels instead",
    ),
    (
        "kernel",
        "Calculated padded input size per channel: (3 x 3). Kernel size: (5 x 5). Kernel size can't be greater "
        "than actual input size at /pytorch/aten/src/THNN/generic/SpatialConvolutionMM.c:50",
    ),
    ("view", "invalid argument 2: size '[-1 x 192]' is invalid for input with 2400 elements at TH.cpp:84"),
    ("view-stride", "invalid argument 2: view size is not compatible with input tensor's size and stride (at least"),
    ("target-axes", "1D target tensor expected, multi-target not supported"),
    ("target-axes", "multi-target not supported at /pytorch/aten/src/THNN/generic/ClassNLLCriterion.c:22"),
    ("target-range", "Assertion `cur_target >= 0 && cur_target < n_classes' failed.  at /pytorch/ClassNLL.c:94"),
    ("target-range", "Assertion `t >= 0 && t < n_classes` failed."),
    ("device", "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same"),
    (
        "device",
        "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same or input "
        "should be a MKLDNN tensor and weight is a dense tensor",
    ),
    ("dtype", "Input type (torch.cuda.HalfTensor) and weight type (torch.cuda.FloatTensor) should be the same"),
    (
        "cat",
        "Sizes of tensors must match except in dimension 1. Got 14 and 7 in dimension 2 (The offending index is 1)",
    ),
    ("memory", "CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 7.79 GiB total capacity; 5.02 GiB already"),
    ("memory", "RuntimeError: CUDA error: out of memory"),
    ("attribute", "AttributeError: 'Net' object has no attribute 'fc3'. Did you mean: 'fc2'?"),
    ("unexpected", "TypeError: __init__() got an unexpected keyword argument 'kernal_size'"),
    ("scalar", "only size-1 arrays can be converted to Python scalars"),
    ("scalar", "ValueError: only one element tensors can be converted to Python scalars"),
    ("none", "AttributeError: 'NoneType' object has no attribute 'shape'"),
    ("forward-arguments", "TypeError: CrossEntropyLoss.forward() missing 1 required positional argument: 'target'"),
    ("forward-arguments", "TypeError: forward() missing 1 required positional argument: 'x'"),
    ("dtype", "Expected object of scalar type Float but got scalar type Byte for argument #2 'weight'"),
    ("dtype", "expected scalar type Float but found Double"),
    ("dtype", "expected m1 and m2 to have the same dtype, but got: double != float"),
    (
        "device",
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! (when "
        "checking argument for argument mat1 in method wrapper_addmm)",
    ),
    (
        "device",
        "Expected all tensors to be on the same device, but got mat1 is on cuda:0, different from other tensors "
        "on cpu (when checking argument in method wrapper_CUDA_addmm)",
    ),
    ("norm-axes", "expected 4D input (got 3D input)"),
    (
        "device-assert",
        "RuntimeError: CUDA error: device-side assert triggered CUDA kernel errors might be "
        "asynchronously reported at some other API call",
    ),
    (
        "device-assert",
        "Assertion `t >= 0 && t < n_classes` failed. Traceback (most recent call last): "
        "torch.AcceleratorError: CUDA error: device-side assert triggered",
    ),
    ("no-cuda", "AssertionError: Torch not compiled with CUDA enabled"),
    ("numpy", "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory"),
    ("no-grad", "element 0 of variables does not require grad and does not have a grad_fn"),
    ("no-forward", "TypeError: _forward_unimplemented() takes 2 positional arguments but 3 were given"),
    (
        "launch",
        "RuntimeError: cuda runtime error (9) : invalid configuration argument at /pytorch/aten/src/THC/a.cu:15",
    ),
    ("launch", "RuntimeError: CUDA error: invalid configuration argument"),
    ("card-busy", "RuntimeError: CUDA error: all CUDA-capable devices are busy or unavailable"),
    ("card-busy", "RuntimeError: CUDA error: unknown error"),
    ("card-busy", "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before"),
    ("cublas", "RuntimeError: CUDA error: misaligned address"),
    ("cublas", "RuntimeError: GET was unable to find an engine to execute this computation"),
    (
        "device-assert",
        "RuntimeError: cuda runtime error (59) : device-side assert triggered at /pytorch/aten/src/a.cu:26",
    ),
    (
        "memory",
        "RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/generic/THCStorage.cu:58",
    ),
    (
        "integer-division",
        "RuntimeError: Integer division of tensors using div or / is no longer supported, and in a future release div "
        "will perform true division as in Python 3. Use true_divide or floor_divide (// in Python) instead.",
    ),
    ("rnn-backward", "RuntimeError: cudnn RNN backward can only be called in training mode"),
    (
        "image-format",
        "AssertionError: size of input tensor and input format are different. tensor shape: (64, 1, 28, 28), "
        "input_format: CHW",
    ),
    ("dtype", "Expected object of type torch.DoubleTensor but found type torch.FloatTensor for argument #2 'mat2'"),
    (
        "dtype",
        "Expected object of type Variable[torch.FloatTensor] but found type Variable[torch.DoubleTensor] for argument "
        "#1 'mat2'",
    ),
    (
        "dtype",
        "Expected object of type torch.cuda.LongTensor but found type torch.cuda.FloatTensor for argument #3 'index'",
    ),
    ("dtype", "expected device cuda:0 and dtype Float but got device cuda:0 and dtype Long"),
    ("device", "expected device cpu but got device cuda:0"),
    ("device", "expected type torch.FloatTensor but got torch.cuda.FloatTensor"),
    ("device", "expected backend CUDA and dtype Float but got backend CPU and dtype Float"),
    (
        "device",
        "Tensor for argument #2 'mat1' is on CPU, but expected it to be on GPU (while checking arguments for addmm)",
    ),
    (
        "device",
        "Tensor for 'out' is on CPU, Tensor for argument #1 'self' is on CPU, but expected them to be on GPU (while "
        "checking arguments for addmm)",
    ),
    (
        "device",
        "Expected tensor for argument #1 'input' to have the same device as tensor for argument #2 'weight'; but "
        "device 0 does not equal -1 (while checking arguments for cudnn_convolution)",
    ),
    (
        "device",
        "Input and hidden tensors are not at the same device, found input tensor at cuda:0 and hidden tensor at cpu",
    ),
    ("device", "Input, output and indices must be on the current device"),
    ("device", "tensors are on different GPUs at /pytorch/aten/src/THC/generic/THCTensorMathBlas.cu:236"),
    (
        "combination",
        "TypeError: addmm_ received an invalid combination of arguments - got (int, int, torch.cuda.FloatTensor, "
        "torch.FloatTensor), but expected one of:",
    ),
    (
        "combination",
        "TypeError: empty() received an invalid combination of arguments - got (tuple, dtype=NoneType, device=NoneType)"
        ", but expected one of:",
    ),
    (
        "not-whole",
        "TypeError: empty(): argument 'size' must be tuple of ints, but found element of type float at pos 2",
    ),
    ("matrix-axes", "RuntimeError: matrix and matrix expected at /opt/conda/torch/lib/TH/generic/THTensorMath.c:1233"),
    ("in-place", "RuntimeError: leaf variable has been moved into the graph interior"),
    ("dimension", "RuntimeError: dimension out of range (expected to be in range of [-1, 0], but got 1)"),
    (
        "embedding",
        "RuntimeError: index out of range: Tried to access index 100 out of table with 99 rows. at /pytorch/a",
    ),
    ("overflow", "RuntimeError: Overflow when unpacking long"),
    ("nan", "ValueError: The parameter probs has invalid values"),
    ("no-download", "urllib.error.HTTPError: HTTP Error 403: Forbidden"),
    ("build-cuda", "RuntimeError: Ninja is required to load C++ extensions"),
    (
        "operator-missing",
        "RuntimeError: Detected that PyTorch and torchvision were compiled with different CUDA versions.",
    ),
    ("view-stride", "RuntimeError: input is not contiguous at /pytorch/aten/src/THC/generic/THCTensor.c:227"),
    ("unexpected", "TypeError: resnet18() got an unexpected keyword argument 'weights'"),
    (
        "element-counts",
        "RuntimeError: inconsistent tensor size, expected r_ [64 x 10], t [64 x 10] and src [10] to have the same "
        "number of elements, but got 640, 640 and 10 elements respectively",
    ),
    ("element-counts", "RuntimeError: inconsistent tensor sizes at /opt/conda/lib/TH/generic/THTensorMath.c:2"),
    ("empty-table", "RuntimeError: num_embeddings must be positive"),
    ("shared-memory", "RuntimeError: unable to mmap shared memory </torch_12_34> in read-write mode"),
    (
        "onnx",
        "torch.onnx.errors.SymbolicValueError: Unsupported: ONNX export of operator adaptive pooling, since "
        "output_size is not constant.",
    ),
    ("running-mean", "RuntimeError: running_var should contain 4 elements not 3"),
    ("view-sizes", "RuntimeError: invalid shape dimension -2"),
    ("bmm-inner", "RuntimeError: batch1 dim 2 must match batch2 dim 1"),
    ("between", "RuntimeError: Assertion `input_val >= zero && input_val <= one` failed."),
    ("no-numpy", "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0 as it may crash."),
    ("image-file", "PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object at 0x7f0>"),
    ("image-file", "OSError: broken data stream when reading image file"),
    ("forward-arguments", "TypeError: forward() takes exactly 2 arguments (129 given)"),
    (
        "function-saves",
        "RuntimeError: save_for_backward can only save input or output tensors, but argument 0 doesn't satisfy this "
        "condition",
    ),
    ("checkpoint", "KeyError: 'unexpected key \"module.conv1.weight\" in state_dict'"),
    ("key", "KeyError: 'unexpected'"),
    ("cat-types", "RuntimeError: Expected object of scalar type Byte but got scalar type Bool for sequence element 1"),
    ("picture-axes", "ValueError: pic should be 2/3 dimensional. Got 4 dimensions."),
    ("picture-axes", "ValueError: pic should not have > 4 channels. Got 16 channels."),
    ("shown-picture", "TypeError: Invalid shape (1, 28, 28) for image data"),
    ("shown-picture", "TypeError: Invalid dimensions for image data"),
    ("array-picture", "TypeError: Cannot handle this data type"),
    (
        "empty-picture",
        "cv2.error: OpenCV(4.1.2) /io/a.cpp:3720: error: (-215:Assertion failed) !ssize.empty() in function 'resize'",
    ),
    (
        "empty-picture",
        "cv2.error: OpenCV(4.5.1) D:\\window.cpp:376: error: (-215:Assertion failed) size.width>0 && size.height>0 in "
        "function 'cv::imshow'",
    ),
    (
        "onnx-sizes",
        "onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got "
        "invalid dimensions for input: x for the following indices\n index: 2 Got: 200 Expected: 224\n Please fix "
        "either the inputs or the model.",
    ),
    ("onnx-sizes", "Invalid rank for input: input Got: 3 Expected: 4 Please fix either the inputs or the model."),
    ("onnx-names", "ValueError: Required inputs (['input.1']) are missing from input feed (['input'])."),
    ("onnx-types", "Unexpected input data type. Actual: (tensor(int32)) , expected: (tensor(int64))"),
    (
        "attention-kernel",
        "NotImplementedError: No operator found for `memory_efficient_attention_forward` with inputs:",
    ),
    ("attention-kernel", "RuntimeError: No available kernel. Aborting execution."),
    ("attention-kernel", "RuntimeError: FlashAttention only supports Ampere GPUs or newer."),
    (
        "flash-missing",
        "ImportError: FlashAttention2 has been toggled on, but it cannot be used due to the following error: the "
        "package flash_attn seems to be not installed.",
    ),
    (
        "index-device",
        "RuntimeError: indices should be either on cpu or on the same device as the indexed tensor (cuda:0)",
    ),
    ("device", "RuntimeError: Input and grid are not on the same device"),
    (
        "device",
        "RuntimeError: grid_sampler(): expected input and grid to be on same device, but input is on cpu and grid is "
        "on cuda:0",
    ),
    ("pad-token", "ValueError: Cannot handle batch sizes > 1 if no padding token is defined."),
    ("trainer-package", "ImportError: Using the `Trainer` with `PyTorch` requires `accelerate>=0.20.1`: Please run"),
    ("hub-offline", "OSError: Can't load tokenizer for 'bert-base'. If you were trying to load it from"),
    ("hub-offline", "OSError: ./model is not a local folder and is not a valid model identifier listed on"),
    ("hub-offline", "OSError: ./model does not appear to have a file named config.json. Checkout"),
    ("loader-child", "AssertionError: can only join a child process"),
    (
        "cudnn-version",
        "RuntimeError: cuDNN version incompatibility: PyTorch was compiled  against (8, 9, 2) but found runtime "
        "version (8, 5, 0).",
    ),
    ("no-download", 'RuntimeError: invalid hash value (expected "5c106cde", got "e3b0c442")'),
    ("no-numpy", "ImportError: numpy.core.multiarray failed to import"),
    (
        "expand-axes",
        "RuntimeError: invalid argument 1: the number of sizes provided must be greater or equal to the number of "
        "dimensions in the tensor at /pytorch/torch/lib/THC/generic/THCTensor.c:309",
    ),
    ("rnn-backward", "RuntimeError: backward_input can only be called in training mode"),
    ("scatter-type", "RuntimeError: index_add_(): self and source must have the same scalar type"),
    ("card-busy", "RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment"),
    ("negative-size", "RuntimeError: sizes must be non-negative"),
    ("corrupt-file", "RuntimeError: PytorchStreamReader failed locating file constants.pkl: file not found"),
]
