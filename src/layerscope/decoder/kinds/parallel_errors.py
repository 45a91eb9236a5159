"""What torch says of several processes, of torch.compile and of export."""

import re

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word

_IN_USE = re.compile(r"in use|EADDRINUSE")


def _no_compiler(found: Found) -> bool:
    """Whether the machine lacks what torch.compile needs, whatever the code is."""
    said = found.message.lower().replace("backendcompilerfailed", "")
    return any(part in said for part in ("triton", "compiler", "windows", "python 3."))


KINDS: dict[str, Kind] = {
    "ddp-unused": kind(
        "DistributedDataParallel with unused parameters",
        "Expected to have finished reduction in the prior iteration before starting a new one.",
        (
            r"Expected to have finished reduction in the prior iteration before starting a new one\.",
            r"Parameter indices which did not receive grad for rank \d{1,4}: (?P<indices>\d{1,6}(?:[ ]\d{1,6}){0,9})",
        ),
        fixed(
            "The processes wait for every parameter's gradient, but some parameters got none in the last step.",
            Usual(
                "A layer made in __init__ is not used in forward",
                "Its parameters do not affect the loss, so they get no gradient. The message gives their "
                "numbers, in the order of net.named_parameters().",
                "Remove the layer from __init__. To find it, print this after loss.backward(), "
                "without DistributedDataParallel: [name for name, weight in net.named_parameters() "
                "if not torch.is_tensor(weight.grad)].",
            ),
            Usual(
                "A layer that is used only in some steps",
                "It is inside an if, or it is a head without a loss in this batch.",
                "Write DistributedDataParallel(net, find_unused_parameters=True).",
            ),
            pieces={"indices": "the numbers of the parameters without a gradient"},
        ),
    ),
    "process-group": kind(
        "The processes are not connected",
        "Default process group has not been initialized, please make sure to call init_process_group.",
        (
            r"Default process group has not been initialized",
            r"(?:environment variable|rendezvous) (?P<name>\w{1,20}) expected, but not set",
            r"(?:EADDRINUSE|[Aa]ddress already in use)",
            r"The server socket has failed to (?:listen on any local network address|bind to)",
        ),
        fixed(
            "Training in several processes starts by connecting them, and that did not happen.",
            Usual(
                "init_process_group or torchrun is missing",
                "torchrun starts the processes and sets RANK, WORLD_SIZE and MASTER_ADDR.",
                "Call torch.distributed.init_process_group() first, and start with torchrun --nproc_per_node=2 "
                "train.py.",
                lambda found: "group" in found.message or bool(found["name"]),
            ),
            Usual(
                "An earlier run still uses the port",
                "It was stopped, but one of its processes is still running.",
                "End it, or start with torchrun --master_port=29501.",
                lambda found: bool(_IN_USE.search(f"{found.message} {found.after[:400]}")),
            ),
            Usual(
                "The port cannot be opened",
                "Ports below 1024 belong to the system, and a container or a firewall may keep others closed.",
                "Start with another one: torchrun --master_port=29501 train.py.",
                lambda found: "socket" in found.message and not _IN_USE.search(f"{found.message} {found.after[:400]}"),
                only=True,
            ),
            pieces={"name": "the variable that is missing"},
        ),
    ),
    "ddp-frozen": kind(
        "DistributedDataParallel of a frozen network",
        "DistributedDataParallel is not needed when a module doesn't have any parameter that requires a gradient.",
        (r"DistributedDataParallel is not needed when a module doesn't have any parameter that requires a gradient",),
        fixed(
            "DistributedDataParallel exchanges gradients, and no weight of this network records any.",
            Usual(
                "All weights are frozen",
                "requires_grad is False for all of them, or the network has no weights.",
                "Wrap only the networks that train, and use this one as it is.",
            ),
            Usual(
                "Frozen for a test",
                "A line such as net.requires_grad_(False) is still there.",
                "Write net.requires_grad_(True) before DistributedDataParallel(net).",
            ),
        ),
    ),
    "compile-failed": kind(
        "A mistake that torch.compile met first",
        "torch._dynamo.exc.TorchRuntimeError: Failed running call_function <built-in function linear>",
        (r"Failed running call_(?:function|method|module)", r"when making fake tensor call"),
        fixed(
            "torch.compile tries the code with tensors that hold no values, and one of its calls was refused: the "
            "mistake is in the code, not in the compiling.",
            Usual(
                "The call fails without torch.compile too",
                "Then the message is shorter and names the line.",
                "Run it once without torch.compile, and read the last line of that message.",
            ),
        ),
    ),
    "compile-backend": kind(
        "A backend that torch.compile does not have",
        "Invalid backend: 'inductr', see `torch._dynamo.list_backends()` for available backends.",
        (r"Invalid backend: '(?P<name>[^'\n]{1,40})'", r"Unrecognized mode=(?P<name>[\w-]{1,40}), should be one of"),
        fixed(
            "torch.compile does not know {name}.",
            Usual(
                "The name is spelled differently",
                "Usual are the backends inductor, eager and aot_eager, and the modes default, reduce-overhead and "
                "max-autotune.",
                'Write torch.compile(net), or torch.compile(net, backend="eager") to find mistakes.',
            ),
            pieces={"name": "what was asked for"},
        ),
    ),
    "compile-branch": kind(
        "torch.compile and an if on data",
        "Unsupported: Data-dependent branching",
        (
            r"Unsupported: Data-dependent branching",
            r"Unsupported: (?P<name>generic_jump) \w{1,30}",
            r"Dynamic control flow is not supported at the moment",
            r"Consider using torch\.where, or torch\.cond, or specializing",
            r"Could not guard on data-dependent expression",
        ),
        fixed(
            "torch.compile reads the code without values, so it cannot know which branch an if on a tensor takes.",
            Usual(
                "fullgraph=True allows no graph break",
                "Without it, torch.compile runs such an if in Python and compiles the rest.",
                "Write torch.compile(net) without fullgraph=True.",
            ),
            Usual(
                "The if can become a computation",
                "torch.where computes both branches and picks each value from one of them.",
                "Write torch.where(condition, x, y) instead of the if.",
            ),
        ),
    ),
    "compile-unsupported": kind(
        "torch.compile cannot follow the code",
        "torch._dynamo.exc.Unsupported: call_function BuiltinVariable(print)",
        (
            r"Unsupported: (?P<what>(?!Data-dep|generic_jump|ONNX)\w[\w .()`'-]{0,80})",
            r"(?P<what>Windows|Python 3\.\d{1,2}\+?) (?:is )?not (?:yet )?supported (?:for|on) "
            r"(?:torch\.compile|Dynamo)",
            r"Dynamo is not supported on (?P<what>Python 3\.\d{1,2}\+?)",
            r"Cannot find a working triton installation",
            r"(?:Compiler: (?P<compiler>[\w+.]{1,20}) is not found|No working C\+\+ compiler found)",
            r"BackendCompilerFailed: backend='(?P<what>\w{1,30})' raised:?.{1,400}?(?:Set TORCHDYNAMO_VERBOSE|You can "
            r"suppress this exception)",
            r"BackendCompilerFailed: backend='(?P<what>\w{1,30})' raised",
        ),
        fixed(
            "torch.compile found something that it cannot compile; the network itself may be fine.",
            Usual(
                "The backend fails, not your code",
                "The graph was recorded, and {what} could not compile it.",
                'Run it without torch.compile; torch.compile(net, backend="aot_eager") runs the same graph without '
                "{what}. If only {what} fails, a newer PyTorch may help.",
                lambda found: "BackendCompilerFailed" in found.message and not _no_compiler(found),
                only=True,
            ),
            Usual(
                "Code that only Python can run",
                "print, NumPy, x.item() and file access in forward break the graph.",
                "Move it out of forward, or leave out fullgraph=True.",
                lambda found: not _no_compiler(found) and "BackendCompilerFailed" not in found.message,
                only=True,
            ),
            Usual(
                "This machine cannot compile",
                "The usual backend needs Triton for a graphics card, a C++ compiler for the processor, and a Python "
                "version that your PyTorch supports.",
                'Run without torch.compile first; torch.compile(net, backend="eager") finds mistakes without a '
                "compiler. On Linux, python -m pip install triton; on Windows, triton-windows.",
                _no_compiler,
            ),
            pieces={"what": "what is not supported", "compiler": "what is missing"},
        ),
    ),
    "onnx": kind(
        "Export to ONNX",
        "Exporting the operator 'aten::fft_fft2' to ONNX opset version 17 is not supported.",
        (
            r"Exporting the operator '?(?P<name>[\w:]{1,60})'? to ONNX opset version (?P<version>\d{1,3}) is not "
            r"supported",
            r"Unsupported: ONNX export of operator (?P<name>[\w:]{1,60})",
            r"ONNX export failed: Couldn't export operator (?P<name>[\w:]{1,60})",
            r"Module onnx(?:script)? is not installed",
            r"Failed to export the model to ONNX",
        ),
        fixed(
            "ONNX cannot express a part of this network, or a package is missing.",
            Usual(
                "The size that a pooling gives is worked out while the network runs",
                "ONNX wants it as a constant.",
                "Pool over the whole map: x.mean(dim=(2, 3)).",
                lambda found: "output_size is not constant" in found.message,
                only=True,
            ),
            Usual(
                "An adaptive pooling whose size does not divide the map",
                "ONNX has no adaptive pooling. PyTorch writes it as a plain one, which works only where each size of "
                "the map is a multiple of the output size.",
                "For an output size of 1 write x.mean(dim=(2, 3), keepdim=True); else choose a size that divides the "
                "map, or a plain nn.AvgPool2d(kernel_size).",
                lambda found: "adaptive" in found["name"],
                only=True,
            ),
            Usual(
                "An older opset",
                "Later versions of ONNX have more operators.",
                "Write torch.onnx.export(net, (x,), 'net.onnx', opset_version=18), with a newer version of "
                "PyTorch if that fails.",
                lambda found: bool(found["name"]) and "adaptive" not in found["name"],
            ),
            Usual(
                "The package is missing",
                "The exporter needs onnx and onnxscript.",
                "Run python -m pip install onnx onnxscript.",
                lambda found: "installed" in found.message,
            ),
            Usual(
                "A function that ONNX does not have",
                "ONNX does not support complex numbers, fft or custom operators.",
                "Write this part with other functions, or export only the rest of the network.",
            ),
            pieces={"name": "the operator", "version": "the version of ONNX"},
        ),
    ),
    "operator-missing": kind(
        "An operator that does not exist here",
        "The operator 'aten::_ctc_loss' is not currently implemented for the MPS device.",
        (
            r"The operator '(?P<name>[\w:.]{1,60})' is not (?:currently|current) implemented for the "
            r"(?P<device>\w{1,20}) device",
            r"Could not run '(?!quantized::)(?P<name>[\w:.]{1,60})' with arguments from the "
            r"'(?!QuantizedCPU)(?P<device>\w{1,30})' backend",
            r"Detected that PyTorch and (?P<name>torchvision|torchaudio) were compiled with different CUDA versions",
            r"Couldn't load (?P<name>custom C\+\+ ops)",
            rf"operator {word('name', 60)}::\w{{1,40}} does not exist",
        ),
        fixed(
            "This build of PyTorch has no {name} for this device.",
            Usual(
                "Not yet available on Apple chips",
                "Such operators can run on the processor, and the rest on mps.",
                "Set PYTORCH_ENABLE_MPS_FALLBACK=1 before Python starts, or move this part: x.cpu().",
                lambda found: found["device"] == "MPS",
            ),
            Usual(
                "torchvision does not match PyTorch",
                "Its operators are built for one version of PyTorch and CUDA.",
                "Install both again in one command: python -m pip install --upgrade torch torchvision.",
                lambda found: found["device"] != "MPS",
            ),
            pieces={"name": "the operator", "device": "the device"},
            alone=True,
        ),
    ),
}
