"""What torch says of several processes, of torch.compile and of export."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word

KINDS: dict[str, Kind] = {
    "ddp-unused": kind(
        "DistributedDataParallel with parameters that are not used",
        "Expected to have finished reduction in the prior iteration before starting a new one.",
        (
            r"Expected to have finished reduction in the prior iteration before starting a new one\.",
            r"Parameter indices which did not receive grad for rank \d{1,4}: (?P<indices>\d{1,6}(?:[ ]\d{1,6}){0,9})",
        ),
        fixed(
            "The processes wait for the gradient of every parameter, and some got none in the last step.",
            Usual(
                "A layer made in __init__ is not used in forward",
                "Its parameters take no part in the loss, so no gradient comes. The message gives their "
                "numbers, in the "
                "order of net.named_parameters().",
                "Take the layer out of __init__. Without DistributedDataParallel, after loss.backward(), print "
                "[name for "
                "name, weight in net.named_parameters() if not torch.is_tensor(weight.grad)].",
            ),
            Usual(
                "A layer that is used in some steps only",
                "A branch with if, or a head that gets no loss in this batch.",
                "Write DistributedDataParallel(net, find_unused_parameters=True).",
            ),
            pieces={"indices": "the numbers of the parameters without a gradient"},
        ),
    ),
    "process-group": kind(
        "The processes were not joined",
        "Default process group has not been initialized, please make sure to call init_process_group.",
        (
            r"Default process group has not been initialized",
            r"(?:environment variable|rendezvous) (?P<name>\w{1,20}) expected, but not set",
            r"(?:EADDRINUSE|[Aa]ddress already in use)",
        ),
        fixed(
            "Training in several processes begins with a meeting point, which was not reached.",
            Usual(
                "init_process_group is missing, or torchrun",
                "torchrun starts the processes and sets RANK, WORLD_SIZE and MASTER_ADDR.",
                "Call torch.distributed.init_process_group() first, and start with torchrun --nproc_per_node=2 "
                "train.py.",
                lambda found: "group" in found.message or bool(found["name"]),
            ),
            Usual(
                "An earlier run still holds the port",
                "It was stopped, but one of its processes lives on.",
                "End it, or start with torchrun --master_port=29501.",
                lambda found: "in use" in found.message or "EADDRINUSE" in found.message,
            ),
            pieces={"name": "the variable that is missing"},
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
            "torch.compile follows the code without values, so it cannot know which way an if on a tensor goes.",
            Usual(
                "fullgraph=True allows no graph break",
                "Without it torch.compile runs such an if in Python and compiles the rest.",
                "Write torch.compile(net) without fullgraph=True.",
            ),
            Usual(
                "The if can be computed",
                "Both ways are computed, and each value is chosen.",
                "Write torch.where(condition, x, y) in place of the if.",
            ),
        ),
    ),
    "compile-unsupported": kind(
        "torch.compile cannot follow the code",
        "torch._dynamo.exc.Unsupported: call_function BuiltinVariable(print)",
        (
            r"Unsupported: (?P<what>(?!Data-dep|generic_jump)\w[\w .()`'-]{0,80})",
            r"(?P<what>Windows|Python 3\.\d{1,2}\+?) (?:is )?not (?:yet )?supported (?:for|on) "
            r"(?:torch\.compile|Dynamo)",
            r"Dynamo is not supported on (?P<what>Python 3\.\d{1,2}\+?)",
            r"Cannot find a working triton installation",
            r"BackendCompilerFailed: backend='(?P<what>\w{1,30})' raised",
        ),
        fixed(
            "torch.compile met something that it cannot compile; the network itself may be right.",
            Usual(
                "Code that only Python can run",
                "print, NumPy, x.item() and files in forward break the graph.",
                "Move it out of forward, or leave fullgraph=True out.",
            ),
            Usual(
                "This machine cannot compile",
                "The usual backend needs Triton (Linux, a graphics card) or a C++ compiler, and a Python that "
                "this torch "
                "knows.",
                'Run without torch.compile first; torch.compile(net, backend="eager") finds mistakes without a '
                "compiler.",
            ),
            pieces={"what": "what is not supported"},
        ),
    ),
    "onnx": kind(
        "Export to ONNX",
        "Exporting the operator 'aten::fft_fft2' to ONNX opset version 17 is not supported.",
        (
            r"Exporting the operator '?(?P<name>[\w:]{1,60})'? to ONNX opset version (?P<version>\d{1,3}) is not "
            r"supported",
            r"Unsupported: ONNX export of operator (?P<name>[\w:]{1,60})",
            r"Module onnx(?:script)? is not installed",
            r"Failed to export the model to ONNX",
        ),
        fixed(
            "ONNX has no form for a part of this network, or lacks a package.",
            Usual(
                "An older opset",
                "Later versions of ONNX know more operators.",
                "Write torch.onnx.export(net, (x,), 'net.onnx', opset_version=18), with a newer torch if that fails.",
                lambda found: bool(found["name"]),
            ),
            Usual(
                "The package is missing",
                "The exporter needs onnx and onnxscript.",
                "Run python -m pip install onnx onnxscript.",
                lambda found: "installed" in found.message,
            ),
            Usual(
                "A function that ONNX does not have",
                "Complex numbers, fft and operators of one's own are not in it.",
                "Write this part with other functions, or export the rest of the network only.",
            ),
            pieces={"name": "the operator", "version": "the version of ONNX"},
        ),
    ),
    "operator-missing": kind(
        "An operator that is not there",
        "The operator 'aten::_ctc_loss' is not currently implemented for the MPS device.",
        (
            r"The operator '(?P<name>[\w:.]{1,60})' is not (?:currently|current) implemented for the "
            r"(?P<device>\w{1,20}) device",
            r"Could not run '(?P<name>[\w:.]{1,60})' with arguments from the '(?P<device>\w{1,30})' backend",
            rf"operator {word('name', 60)}::\w{{1,40}} does not exist",
        ),
        fixed(
            "This torch has no code of {name} for this device.",
            Usual(
                "Not written for Apple's chips yet",
                "Such operators can run on the processor, the rest on mps.",
                "Set PYTORCH_ENABLE_MPS_FALLBACK=1 before Python starts, or move this part: x.cpu().",
                lambda found: found["device"] == "MPS",
            ),
            Usual(
                "torchvision does not fit torch",
                "Its operators are built for one version of torch, and for the same CUDA.",
                "Install both again in one line: python -m pip install --upgrade torch torchvision.",
                lambda found: found["device"] != "MPS",
            ),
            pieces={"name": "the operator", "device": "the device"},
            alone=True,
        ),
    ),
}
