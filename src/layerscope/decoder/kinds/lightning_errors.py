"""What PyTorch Lightning says of a module or a Trainer that lacks something, and of names that Lightning 2 removed."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word

KINDS: dict[str, Kind] = {
    "lightning-method": kind(
        "Lightning: a method that is missing",
        "No `test_dataloader()` method defined to run `Trainer.test`.",
        (
            r"No [`'](?P<method>\w{1,40})\(?\)?[`'] method defined(?: to (?:be able to )?run [`']?Trainer\."
            r"(?P<call>\w{1,20}))?",
            r"[`'](?P<method>\w{1,40})[`'] must be implemented to be used with the Lightning Trainer",
        ),
        fixed(
            "The Trainer calls {method}, and neither the LightningModule nor the data module has it.",
            Usual(
                "The loader can be passed",
                "A Trainer takes loaders, so the module needs no method for them.",
                "Write trainer.fit(model, train_loader, val_loader), trainer.test(model, test_loader).",
                lambda found: "dataloader" in found["method"],
                only=True,
            ),
            Usual(
                "The method is missing, misspelled or indented too far",
                "Lightning finds its methods by their names, inside the class.",
                "Write def {method} in the class; leave out the call, such as trainer.test, if it is not needed.",
            ),
            pieces={"method": "the method", "call": "what was called of the Trainer"},
        ),
    ),
    "lightning-monitor": kind(
        "Lightning: a metric to watch that was not logged",
        "`ModelCheckpoint(monitor='val_loss')` could not find the monitored key in the returned metrics: "
        "['train_loss'].",
        (
            r"ModelCheckpoint\(monitor='(?P<name>[^'\n]{1,60})'\)`? (?:could not find the monitored key in|not found "
            r"in) the returned metrics",
            r"Early stopping conditioned on metric [`'](?P<name>[^`'\n]{1,60})[`'] which is not available",
            r"ReduceLROnPlateau conditioned on metric (?P<name>[\w/.-]{1,60}) which is not available",
        ),
        fixed(
            "A callback or a scheduler watches {name}, but nothing of that name was logged.",
            Usual(
                "It is not logged, or under another name",
                "The message lists the names that exist.",
                'Write self.log("{name}", value) in validation_step, or monitor one of the names in the list.',
            ),
            Usual(
                "There was no validation yet",
                "Without a validation loader, or with check_val_every_n_epoch above 1, nothing of it is logged.",
                "Pass a validation loader to trainer.fit, or monitor a value of the training.",
            ),
            pieces={"name": "what is watched"},
        ),
    ),
    "lightning-log": kind(
        "Lightning: log outside of the training",
        "You are trying to `self.log()` but it is not managed by the `Trainer` control flow",
        (
            r"You are trying to `self\.log\(\)` but (?:it is not managed by|the `self\.trainer` reference is not|the "
            r"loop's result collection is not)",
        ),
        fixed(
            "self.log hands a value to the Trainer, which takes it only while it runs the module's own steps.",
            Usual(
                "The step was called by hand",
                "net.training_step(batch, 0), or a loop of your own, runs without the Trainer.",
                "Let the Trainer run it: trainer.fit(net, loader). In a loop of your own, keep the number: "
                "losses.append(loss.item()).",
            ),
            Usual(
                "log stands in a method that the Trainer does not call for logging",
                "__init__, forward outside of a step, and hooks such as on_load_checkpoint cannot log.",
                "Move self.log into training_step, validation_step or test_step.",
            ),
            Usual(
                "Code for an older version",
                "Before Lightning 1.6 log was allowed in more places.",
                "Run python -m pip install pytorch-lightning==1.5.10, or move the call.",
            ),
        ),
    ),
    "lightning-scheduler": kind(
        "Lightning: a scheduler that it does not know",
        "The provided lr scheduler `ExponentialLR` doesn't follow PyTorch's LRScheduler API.",
        (r"The provided lr scheduler [`']?(?P<name>\w{1,60})[`']? doesn't follow PyTorch's LRScheduler API",),
        fixed(
            "Lightning checks that a scheduler has PyTorch's own class, and {name} has another one for it.",
            Usual(
                "Lightning is older than PyTorch",
                "PyTorch 2.0 renamed the class of schedulers, so Lightning before 1.9 knows none of them.",
                "Update it: python -m pip install --upgrade lightning. Or define lr_scheduler_step(self, scheduler, "
                "metric): scheduler.step() in your module.",
            ),
            Usual(
                "A scheduler of your own",
                "Lightning cannot know how to step it.",
                "Derive it from torch.optim.lr_scheduler.LRScheduler, or define lr_scheduler_step in your module.",
            ),
            pieces={"name": "the scheduler"},
        ),
    ),
    "lightning-module": kind(
        "Lightning: a model that is not a LightningModule",
        "`model` must be a `LightningModule` or `torch._dynamo.OptimizedModule`, got `Net`",
        (
            r"`model` must be a `LightningModule`(?: or `torch\._dynamo\.OptimizedModule`)?, got "
            rf"`{word('given', 60)}`",
            rf"Unwrapping the module did not yield a `LightningModule`(?:, got <class '{word('given', 80)})?",
            rf"Trainer\.\w{{1,20}}\(\)` requires a `LightningModule`, got: {word('given', 60)}",
        ),
        fixed(
            "A Trainer trains only classes that are derived from LightningModule.",
            Usual(
                "The class is derived from nn.Module",
                "A LightningModule also says what a training step and the optimizer are.",
                "Write class Net(L.LightningModule): with training_step and configure_optimizers.",
            ),
            Usual(
                "lightning and pytorch_lightning are mixed",
                "They are two packages: a module of one is none for the Trainer of the other.",
                "Import all from one of them: import lightning as L.",
            ),
            pieces={"given": "the class"},
        ),
    ),
    "lightning-removed": kind(
        "Lightning: an argument or a method of an older version",
        "Trainer.__init__() got an unexpected keyword argument 'gpus'",
        (
            r"\bTrainer\.__init__\(\) got an unexpected keyword argument '(?!tokenizer)(?P<name>\w{1,60})'",
            r"__init__\(\) got an unexpected keyword argument '(?P<name>gpus|tpu_cores|progress_bar_refresh_rate|"
            r"weights_summary|resume_from_checkpoint|checkpoint_callback|auto_lr_find|flush_logs_every_n_steps|"
            r"distributed_backend)'",
            r"type object 'Trainer' has no attribute '(?P<name>\w{1,60})'",
        ),
        fixed(
            "This version of the package's Trainer has no {name}.",
            Usual(
                "gpus became accelerator and devices",
                "Lightning 2.0 removed gpus, tpu_cores and num_nodes of the old form.",
                'Write Trainer(accelerator="gpu", devices=1).',
                lambda found: found["name"] in ("gpus", "tpu_cores", "distributed_backend"),
                only=True,
            ),
            Usual(
                "The checkpoint is given to fit",
                "Lightning 2.0 moved it there.",
                "Write trainer.fit(model, ckpt_path=path).",
                lambda found: found["name"] == "resume_from_checkpoint",
                only=True,
            ),
            Usual(
                "Callbacks are a list now",
                "Lightning 1.5 replaced their own arguments by callbacks.",
                "Write Trainer(callbacks=[ModelCheckpoint(), TQDMProgressBar(refresh_rate=10)]).",
                lambda found: found["name"] in ("checkpoint_callback", "progress_bar_refresh_rate"),
                only=True,
            ),
            Usual(
                "Code for an older version",
                "Lightning 2.0 removed many names of 1.x, and Trainers of other packages change too.",
                "Leave it out, or install the version that the code was written for: python -m pip install "
                "pytorch-lightning==1.9.5.",
            ),
            pieces={"name": "what does not exist"},
        ),
    ),
}
