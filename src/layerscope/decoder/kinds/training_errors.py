"""What torch says of schedulers, samplers, hooks and sequences while training."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number

KINDS: dict[str, Kind] = {
    "scheduler-steps": kind(
        "A scheduler for a different number of steps",
        "Tried to step 3 times. The specified number of total steps is 2",
        (
            rf"Tried to step {number('step')} times\. The specified number of total steps is {number('total')}",
            r"You must define either total_steps OR \(epochs AND steps_per_epoch\)",
        ),
        fixed(
            "OneCycleLR has a fixed number of steps, one per batch.",
            Usual(
                "The wrong number of training steps",
                "It must be the number of epochs times the batches per epoch.",
                "Write OneCycleLR(optimizer, max_lr=0.1, epochs=epochs, steps_per_epoch=len(loader)), and call "
                "scheduler.step() once per batch.",
            ),
            pieces={"step": "the step", "total": "the last step allowed"},
        ),
    ),
    "scheduler-resume": kind(
        "A scheduler that begins later, with a new optimizer",
        "KeyError: \"param 'initial_lr' is not specified in param_groups[0] when resuming an optimizer\"",
        (r"param 'initial_lr' is not specified in param_groups\[\d{1,4}\] when resuming",),
        fixed(
            "last_epoch says that training goes on, and then the optimizer must know its first learning rate.",
            Usual(
                "The optimizer's state was not loaded first",
                "Its state has the first learning rate, initial_lr.",
                "Call optimizer.load_state_dict(checkpoint['optimizer']) before the scheduler is made.",
            ),
            Usual(
                "Training begins anew",
                "Then last_epoch is -1, which is its default.",
                "Leave out last_epoch.",
            ),
        ),
    ),
    "scheduler-order": kind(
        "A scheduler before its optimizer",
        "Detected call of `lr_scheduler.step()` before `optimizer.step()`.",
        (r"Detected call of `lr_scheduler\.step\(\)` before `optimizer\.step\(\)`",),
        fixed(
            "The first value of the learning rate would be skipped: the optimizer's step comes first.",
            Usual(
                "The two lines are in the wrong order",
                "Since torch 1.1 the scheduler follows the optimizer.",
                "Write optimizer.step(), then scheduler.step(), mostly once per epoch.",
            ),
            Usual(
                "Mixed precision skipped the first step",
                "A GradScaler leaves out steps whose gradients overflow, which is usual at the beginning.",
                "Nothing is wrong then if the warning comes once.",
            ),
        ),
    ),
    "sampler": kind(
        "DataLoader arguments that exclude each other",
        "sampler option is mutually exclusive with shuffle",
        (
            r"sampler option is mutually exclusive with shuffle",
            r"batch_sampler option is mutually exclusive with batch_size, shuffle, sampler,? and drop_last",
        ),
        fixed(
            "A sampler decides the order of the samples, so no other argument may.",
            Usual(
                "shuffle=True together with a sampler",
                "WeightedRandomSampler and others already shuffle.",
                "Leave out shuffle: DataLoader(data, batch_size=2, sampler=sampler).",
                lambda found: "batch_sampler" not in found.message,
                only=True,
            ),
            Usual(
                "A batch_sampler beside what it decides itself",
                "It gives whole batches of indices: how large they are and in which order.",
                "Leave the others out: DataLoader(data, batch_sampler=batches).",
                lambda found: "batch_sampler" in found.message,
                only=True,
            ),
        ),
    ),
    "worker-options": kind(
        "DataLoader options that need workers",
        "persistent_workers option needs num_workers > 0",
        (
            r"(?P<name>persistent_workers) option needs num_workers > 0",
            r"(?P<name>prefetch_factor) option could only be specified in multiprocessing",
            r"(?P<name>multiprocessing_context) can only be used with multi-process loading",
        ),
        fixed(
            "{name} is about the workers of a DataLoader, and this one has none.",
            Usual(
                "num_workers is 0",
                "That is the default: the samples are then loaded in the training's own process.",
                "Leave out {name}, or write DataLoader(data, num_workers=2).",
            ),
            pieces={"name": "the option"},
        ),
    ),
    "record-gradient": kind(
        "A gradient for a tensor that records none",
        "can't retain_grad on Tensor that has requires_grad=False",
        (
            r"can't retain_grad on Tensor that has requires_grad=False",
            r"cannot register a hook on a tensor that doesn't require gradient",
        ),
        fixed(
            "This tensor does not depend on trainable weights, so it never gets a gradient.",
            Usual(
                "Computed under no_grad, or from data alone",
                "The input of a network is data, and frozen layers record nothing.",
                "Write x.requires_grad_() before the network, and call it outside torch.no_grad().",
            ),
        ),
    ),
    "view-in-place": kind(
        "A part of a tensor changed in place",
        "Output 0 of UnbindBackward0 is a view and is being modified inplace. This view is the output of a function "
        "that returns multiple views.",
        (
            r"Output \d{1,3} of \w{1,60} is a view and (?:is being|its base or another view of its base has "
            r"been) modified in-?place",
        ),
        fixed(
            "unbind, chunk and split return parts that share memory, and backward needs them unchanged.",
            Usual(
                "A part is overwritten",
                "a += 1 also changes the tensor that the part comes from.",
                "Write a = a + 1.",
            ),
        ),
    ),
    "grad-unused": kind(
        "A gradient for a tensor that the result does not use",
        "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if "
        "this is "
        "the desired behavior.",
        (
            r"(?:One of the differentiated Tensors|The differentiated Tensor at index \d{1,4}) appears to not "
            r"have been "
            r"used in the graph",
        ),
        fixed(
            "torch.autograd.grad was asked for the gradient of a tensor that does not affect the result.",
            Usual(
                "A copy was used instead of the tensor",
                "x.detach(), x.clone() made before, or a slice x[0] taken again is another tensor.",
                "Compute the result from the very tensor you ask for: grad(f(x).sum(), x).",
            ),
            Usual(
                "It may be unused",
                "Then its gradient is missing instead of an error.",
                "Write torch.autograd.grad(out, inputs, allow_unused=True).",
            ),
        ),
    ),
    "group-twice": kind(
        "A weight in two groups of the optimizer",
        "some parameters appear in more than one parameter group",
        (r"some parameters appear in more than one parameter group", r"can't optimize a parameter group twice"),
        fixed(
            "Each weight may be in one group of the optimizer only.",
            Usual(
                "The whole network and a part of it",
                "net.parameters() already contains those of net.fc.",
                "Write the others without it: [p for name, p in net.named_parameters() if not name.startswith('fc.')].",
            ),
            Usual(
                "Two layers share a weight",
                "Tied weights, such as those of an Embedding and the last layer, belong to both.",
                "Put both layers into one group.",
            ),
        ),
    ),
    "ctc": kind(
        "CTC: lengths that do not fit the outputs",
        "Expected input_lengths to have value at most 50, but got value 60 (while checking arguments for "
        "ctc_loss_allocate_outputs)",
        (
            rf"Expected input_lengths to have value at most {number('most')}, but got value {number('given')}",
            r"Expected tensor to have size at least \d{1,9} at dimension 1, but got size \d{1,9} for argument #2 "
            r"'targets'",
        ),
        fixed(
            "ctc_loss expects outputs of shape (time, batch, classes) and each sample's number of time steps.",
            Usual(
                "Lengths from before the convolutions",
                "A stride or a pooling shortens the time axis, and the lengths with it.",
                "Take them from the outputs: torch.full((out.size(1),), out.size(0)).",
            ),
            Usual(
                "The batch axis is first",
                "The first axis must be time.",
                "Write F.ctc_loss(out.transpose(0, 1), labels, lengths, label_lengths).",
            ),
            pieces={"most": "the number of time steps", "given": "a length you gave"},
        ),
    ),
    "super-class": kind(
        "super() of another class",
        "super(type, obj): obj must be an instance or subtype of type",
        (r"super\(type, obj\): obj (?:\([\w ]{1,80}\) )?(?:must be|is not) an instance or subtype of type",),
        fixed(
            "The class named in super is not the class that the method is in.",
            Usual(
                "A class was copied and renamed",
                "super(Old, self) still names the old class; in a notebook, a cell run again makes a new one.",
                "Write super().__init__().",
            ),
        ),
    ),
    "grad-constant": kind(
        "A gradient for a tensor that has none",
        "One of the differentiated Tensors does not require grad",
        (r"One of the differentiated Tensors does not require grad",),
        fixed(
            "torch.autograd.grad is asked for the gradient of a tensor that is not tracked.",
            Usual(
                "The input of the network",
                "Images from a DataLoader are not tracked, but saliency maps and gradient penalties need their "
                "gradient.",
                "Write x.requires_grad_(True) before the network is called.",
            ),
            Usual(
                "Frozen weights",
                "Weights with requires_grad=False have no gradient.",
                "Leave them out: [p for p in net.parameters() if p.requires_grad].",
            ),
        ),
    ),
}
