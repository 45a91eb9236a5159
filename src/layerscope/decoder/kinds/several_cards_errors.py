"""What NCCL, DistributedDataParallel, DataParallel and torchrun say of several processes and several cards."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number


def _says(*parts: str) -> Sign:
    """A sign that the message, or what follows it, has one of these."""

    def points(found: Found) -> bool:
        told = f"{found.message} {found.after[:600]}".lower()
        return any(part in told for part in parts)

    return points


KINDS: dict[str, Kind] = {
    "sync-norm": kind(
        "SyncBatchNorm without a graphics card",
        "SyncBatchNorm expected input tensor to be on GPU",
        (r"SyncBatchNorm expected input tensor to be on (?:GPU|cuda|CUDA)",),
        fixed(
            "SyncBatchNorm takes the mean over the batches of all cards, so it runs on cards only.",
            Usual(
                "The batch or the network is on the processor",
                "Evaluation and tests often run there.",
                "Move both: net.to(device), x = x.to(device) with device='cuda'.",
            ),
            Usual(
                "It is not needed on one device",
                "On one card, or on the processor, BatchNorm computes the same.",
                "Leave out nn.SyncBatchNorm.convert_sync_batchnorm(net).",
            ),
        ),
    ),
    "gather-scalars": kind(
        "DataParallel and a loss in forward",
        "Was asked to gather along dimension 0, but all input tensors were scalars; will instead unsqueeze",
        (r"Was asked to gather along dimension 0, but all input tensors were scalars",),
        fixed(
            "Each card gave one number, and DataParallel made a vector of them: one loss per card.",
            Usual(
                "The loss is computed inside forward",
                "This is only a warning, but backward needs one number.",
                "Write loss = net(x, labels).mean() before loss.backward().",
            ),
        ),
    ),
    "nccl": kind(
        "NCCL, which connects the cards, failed",
        "NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1269, unhandled cuda error, NCCL version "
        "2.14.3",
        (
            r"NCCL error in: ?[^\s,]{1,160}, (?P<what>[a-z ]{1,60})",
            r"NCCL [Ee]rror \d{1,2}: (?P<what>[a-z ]{1,60})",
            r"\b(?P<code>nccl(?:UnhandledCuda|System|Internal|Remote|InvalidUsage|InvalidArgument)\w{0,10}): ",
            r"is setting up NCCL communicator and retrieving ncclUniqueId",
            r"NCCL communicator was aborted(?: on rank \d{1,5})?",
            r"Duplicate GPU detected ?: rank \d{1,5} and rank \d{1,5} both on CUDA device \w{1,12}",
        ),
        fixed(
            "The processes exchange gradients through NCCL, and it could not connect or use the cards.",
            Usual(
                "Two processes use the same card",
                "Each process needs a card of its own before it makes the network.",
                'Write torch.cuda.set_device(int(os.environ["LOCAL_RANK"])) first, and start no more processes than '
                "there are cards.",
                _says("duplicate gpu", "invalid usage", "invalidusage"),
            ),
            Usual(
                "Another process failed first",
                "If one process stops, the others lose their connection and report NCCL.",
                "Read the first error in the output of all ranks, not the last: it is the cause.",
                _says("remote", "aborted", "connection closed", "unhandled system error"),
            ),
            Usual(
                "The connection between the cards does not work",
                "Shared memory may be too small in a container, or NCCL picked the wrong network interface.",
                "Set NCCL_DEBUG=INFO before Python starts and read what it tells last. In Docker add "
                "--shm-size=8g; to try "
                "without direct connections, set NCCL_P2P_DISABLE=1.",
            ),
            Usual(
                "A card has an error of its own",
                "Too little memory or an index out of range on one card also ends as an NCCL error.",
                "Run the same program on one card: torchrun --nproc_per_node=1 train.py.",
            ),
            pieces={"what": "what NCCL reports", "code": "NCCL's name for it"},
        ),
    ),
    "nccl-timeout": kind(
        "A process waited too long for the others",
        "Watchdog caught collective operation timeout: WorkNCCL(SeqNum=12, OpType=ALLREDUCE, Timeout(ms)=1800000) ran "
        "for 1800123 milliseconds before timing out.",
        (
            r"Watchdog caught collective operation timeout(?:: WorkNCCL\(SeqNum=\d{1,9}, OpType=(?P<what>\w{1,30}))?",
            r"Some NCCL operations have failed or timed out",
            r"Heartbeat monitor timed out",
            r"reached monitoredBarrier, but received errors while waiting",
            r"Timed out waiting \d{1,9}ms for (?:recv|send) operation to complete",
            r"Connection closed by peer \[[\w.:]{1,60}\]",
        ),
        fixed(
            "In training with several processes all of them must take the same steps; one waited in vain for another.",
            Usual(
                "The processes take a different number of steps",
                "With unequal shares of the data, one process is finished while the others wait for its gradients.",
                "Use DistributedSampler(data, drop_last=True), and call loss.backward() in every process at "
                "every step.",
            ),
            Usual(
                "Only one process does something long",
                "An evaluation or a download inside if rank == 0 keeps the others waiting.",
                "Put torch.distributed.barrier() after it for all processes, or raise the limit: "
                "init_process_group(timeout=timedelta(hours=2)).",
            ),
            Usual(
                "Another process failed first",
                "If one process stops, the others wait for it until the time is over.",
                "Read the first error in the output of all ranks.",
            ),
            pieces={"what": "what it waited for"},
        ),
    ),
    "nccl-missing": kind(
        "NCCL is not available",
        "Distributed package doesn't have NCCL built in",
        (
            r"Distributed package doesn't have (?P<what>NCCL) built in",
            r"ProcessGroupNCCL is only supported with GPUs, no GPUs found",
            r"No backend type associated with device type (?P<device>\w{1,12})",
            r"(?P<dense>Tensors must be CUDA and dense)",
        ),
        fixed(
            "NCCL connects NVIDIA cards on Linux; it cannot be used here.",
            Usual(
                "The tensors are not on the card",
                "With nccl, everything that the processes exchange must be on their card.",
                "Write net.to(device) before DistributedDataParallel, and x.to(device) before all_reduce.",
                lambda found: bool(found["device"] or found["dense"]),
                only=True,
            ),
            Usual(
                "No card, Windows or a Mac",
                "gloo does the same on the processor, and works everywhere.",
                'Write torch.distributed.init_process_group("gloo").',
            ),
            pieces={"what": "the missing library", "device": "where the tensor is"},
        ),
    ),
    "ddp-twice": kind(
        "DistributedDataParallel: a gradient that is ready twice",
        "Expected to mark a variable ready only once.",
        (r"Expected to mark a variable ready only once",),
        fixed(
            "Each parameter may report its gradient once per backward; here one did it twice.",
            Usual(
                "Checkpointing runs a part again",
                "Gradient checkpointing in its old form makes a backward of its own inside backward.",
                "Write torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False); in a Transformers model, "
                "gradient_checkpointing_kwargs={{'use_reentrant': False}}.",
            ),
            Usual(
                "The same layers are used several times",
                "If every step does the same, DistributedDataParallel can learn that in its first step.",
                "Write DistributedDataParallel(net, static_graph=True), without find_unused_parameters.",
            ),
            Usual(
                "Two calls of the network before one backward",
                "net(a) and net(b) both register the gradients of the same weights.",
                "Call it once: out = net(torch.cat([a, b])), and split out afterwards.",
            ),
            Usual(
                "The inner network is called",
                "net.module(x), or a parameter used outside forward, passes DistributedDataParallel by.",
                "Call net(x), and use all parameters inside forward.",
            ),
        ),
    ),
    "ddp-model": kind(
        "DistributedDataParallel with different networks",
        "DDP expects same model across all ranks, but Rank 1 has 212 params, while rank 0 has inconsistent 0 params.",
        (
            rf"DDP expects same model across all ranks, but Rank {number('rank')} has {number('here')} params, while "
            rf"rank \d{{1,4}} has inconsistent {number('there')} params",
            r"(?:params|parameters)\[\d{1,6}\] in this process with sizes .{1,80}? appears not to match sizes of",
        ),
        fixed(
            "Every process must make the same network, with as many weights of the same shapes.",
            Usual(
                "The network depends on the process",
                "An if on the rank, a random choice of layers, or a number of classes counted in each process's own "
                "data.",
                "Print len(list(net.parameters())) in each process, and make the network from the same numbers.",
            ),
            Usual(
                "One process stopped first",
                "A process that fails sends nothing, which counts as 0 weights.",
                "Read the first error in the output of all ranks.",
                lambda found: "0" in (found["here"], found["there"]),
            ),
            Usual(
                "Weights are frozen in one process only",
                "Only weights that require gradients are counted.",
                "Set requires_grad in all processes, before DistributedDataParallel(net).",
            ),
            pieces={"rank": "the process", "here": "its weights", "there": "the weights of the other"},
        ),
    ),
    "child-failed": kind(
        "torchrun: one of the processes failed",
        "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: train.py FAILED",
        (
            r"CHILD PROCESS FAILED WITH NO ERROR_FILE",
            r"ChildFailedError: ?(?:={3,80} ?)?(?P<name>[\w./-]{1,80})? ?(?:FAILED)?",
            rf"ProcessExitedException: process {number('rank')} terminated with (?:exit code|signal) \w{{1,10}}",
        ),
        fixed(
            "This only says that a process ended with an error; the error itself stands above, in that "
            "process's output.",
            Usual(
                "The traceback of the process tells the cause",
                "torchrun prints its own summary last.",
                "Scroll up to the first Traceback, and paste that. To see it for each rank, start with torchrun "
                "--tee 3.",
            ),
            Usual(
                "The process was killed for its memory",
                "exitcode -9 means that the system ran out of memory.",
                "Use fewer DataLoader workers, or load the data only once.",
                _says("exitcode : -9", "exitcode: -9", "sigkill"),
            ),
            pieces={"name": "the program", "rank": "the number of the process"},
        ),
    ),
    "replica-device": kind(
        "DataParallel: the network is not on its first card",
        "module must have its parameters and buffers on device cuda:0 (device_ids[0]) but found one of them on device: "
        "cpu",
        (
            r"module must have its parameters and buffers on device (?P<wanted>[\w:]{1,12}) \(device_ids\[0\]\) "
            r"but found "
            r"one of them on device: (?P<got>[\w:]{1,12})",
            r"all tensors must be on devices\[0\]",
        ),
        fixed(
            "nn.DataParallel copies the network from its first card to the others, so all weights must be there.",
            Usual(
                "The network was not moved, or to another card",
                "device_ids[0] is the card from which it copies.",
                'Write net = nn.DataParallel(net, device_ids=[0, 1]).to("cuda:0").',
            ),
            Usual(
                "A tensor that is not a parameter or buffer",
                "A plain tensor in self does not move with net.to(device).",
                'Write self.register_buffer("mean", mean) in __init__.',
            ),
            pieces={"wanted": "the first card", "got": "where one of the weights is"},
        ),
    ),
}
