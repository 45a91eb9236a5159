"""What the transformers library says of texts of different lengths, of its Trainer and of layers to adapt."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "token-lengths": kind(
        "Texts of different lengths in one tensor",
        "Unable to create tensor, you should probably activate truncation and/or padding with 'padding=True' "
        "'truncation=True' to have batched tensors with the same length.",
        (r"Unable to create tensor, you should probably activate truncation and/or padding",),
        fixed(
            "A tensor needs rows of one length, and numbers only; one of the columns has neither.",
            Usual(
                "The texts were not padded",
                "Each text has its own number of tokens.",
                'Write tokenizer(texts, padding=True, truncation=True, return_tensors="pt").',
            ),
            Usual(
                "A column of text or labels is left in the data set",
                "The collator pads input_ids, but makes tensors of every other column as it is.",
                'Remove it after tokenizing: dataset.map(tokenize, batched=True, remove_columns=["text"]).',
                lambda found: "str" in found.before[-3000:],
            ),
            Usual(
                "The labels have different lengths",
                "Labels for each token, or target texts, have to be padded too.",
                "Use DataCollatorForTokenClassification(tokenizer), or DataCollatorForSeq2Seq(tokenizer).",
            ),
        ),
    ),
    "trainer-loss": kind(
        "A Trainer that gets no loss",
        "The model did not return a loss from the inputs, only the following keys: logits.",
        (r"The model did not return a loss from the inputs, only the following keys: (?P<keys>[\w, ]{1,120})",),
        fixed(
            "The Trainer minimizes the loss that the model returns, and it returned only {keys}.",
            Usual(
                "The inputs have no labels",
                "The model computes a loss only from an argument labels, and columns with other names are removed.",
                'Name the column labels: dataset.rename_column("label", "labels").',
            ),
            Usual(
                "A model without a head",
                "AutoModel returns features; only those with a task compute a loss.",
                "Use AutoModelForSequenceClassification, or the one of your task.",
            ),
            Usual(
                "A network of your own",
                "Its forward must take labels and return the loss first.",
                "Write return loss, out in forward, or override compute_loss of the Trainer.",
            ),
            pieces={"keys": "what the model returned"},
        ),
    ),
    "trainer-renamed": kind(
        "An argument of the Trainer that has another name now",
        "TrainingArguments.__init__() got an unexpected keyword argument 'evaluation_strategy'",
        (
            r"\b(?:Seq2Seq)?TrainingArguments\.__init__\(\) got an unexpected keyword argument '(?P<name>\w{1,60})'",
            r"__init__\(\) got an unexpected keyword argument '(?P<name>evaluation_strategy|eval_strategy|"
            r"processing_class)'",
            r"\bTrainer\.__init__\(\) got an unexpected keyword argument '(?P<name>tokenizer)'",
        ),
        fixed(
            "This version of transformers has no argument {name} there.",
            Usual(
                "evaluation_strategy is called eval_strategy",
                "transformers renamed it in version 4.41, and removed the old name in 4.46.",
                'Write eval_strategy="epoch".',
                lambda found: found["name"] == "evaluation_strategy",
                only=True,
            ),
            Usual(
                "tokenizer is called processing_class",
                "transformers renamed it in version 4.46.",
                "Write Trainer(processing_class=tokenizer).",
                lambda found: found["name"] == "tokenizer",
                only=True,
            ),
            Usual(
                "Another version of transformers",
                "Its arguments come and go with the versions.",
                "Print transformers.__version__, and compare it with the tutorial's; python -m pip install --upgrade "
                "transformers gives the newest.",
            ),
            pieces={"name": "the argument"},
        ),
    ),
    "pad-token": kind(
        "A tokenizer without a token for padding",
        "Asking to pad but the tokenizer does not have a padding token.",
        (
            r"Asking to pad but the tokenizer does not have a padding token",
            r"Cannot handle batch sizes > 1 if no padding token is defined",
        ),
        fixed(
            "Texts of a batch are filled up to one length, and this model was trained without a token for that.",
            Usual(
                "Models such as GPT-2 and Llama have none",
                "Any token serves, since the attention mask hides it.",
                "Write tokenizer.pad_token = tokenizer.eos_token.",
            ),
            Usual(
                "The model is not told which token it is",
                "A model that classifies looks for the last word before the padding.",
                "Write model.config.pad_token_id = tokenizer.pad_token_id.",
                lambda found: "batch sizes" in found.message,
            ),
        ),
    ),
    "trainer-package": kind(
        "A package that the Trainer needs",
        "Using the `Trainer` with `PyTorch` requires `accelerate>=0.26.0`: Please run `pip install "
        "transformers[torch]`",
        (r"Using the `Trainer` with `PyTorch` requires `accelerate",),
        fixed(
            "The Trainer of transformers uses the package accelerate, which is missing or too old.",
            Usual(
                "It is not installed, or the notebook does not know it yet",
                "A notebook keeps the packages that it has imported until it is restarted.",
                "Run python -m pip install --upgrade accelerate, then restart the notebook.",
            ),
        ),
    ),
    "hub-offline": kind(
        "A model that could not be downloaded",
        "We couldn't connect to 'https://huggingface.co' to load this file",
        (
            r"We couldn't connect to 'https://huggingface\.co' to load",
            r"Can't load (?:the )?(?:tokenizer|config\w{0,10}|model|image processor|feature extractor|processor) for "
            r"'(?P<name>[^'\n]{1,120})'",
            r"(?P<name>[\w./\\-]{1,120}) is not a local folder and is not a valid model identifier",
            r"(?P<name>[\w./\\-]{1,120}) does not appear to have a file named [\w.]{1,60}",
        ),
        fixed(
            "from_pretrained found neither a folder with a model nor one of that name at Hugging Face.",
            Usual(
                "The machine has no way to Hugging Face",
                "Firewalls, and nodes of a cluster, often have none.",
                "Download it where you can, and give the path: from_pretrained('folder/of/model').",
                lambda found: "connect" in found.message,
            ),
            Usual(
                "The name or the path is not right",
                "A path counts from where the program was started; a name has the form owner/model.",
                "Print os.path.abspath(path) and os.listdir(path).",
                lambda found: "connect" not in found.message,
            ),
            Usual(
                "The model is private, or asks for consent",
                "Some models are given only to those who agreed to their terms.",
                "Open its page, agree, and run huggingface-cli login.",
                lambda found: "identifier" in found.message,
            ),
            Usual(
                "A folder without its config.json",
                "torch.save of the weights writes none; save_pretrained does.",
                "Save it with model.save_pretrained(folder) and tokenizer.save_pretrained(folder).",
                lambda found: "appear" in found.message or "Can't" in found.message,
            ),
            pieces={"name": "the model that was asked for"},
        ),
    ),
    "adapter-layers": kind(
        "Layers that an adapter does not find",
        "Target modules {'q_proj', 'v_proj'} not found in the base model.",
        (r"Target modules (?P<names>[^.\n]{1,160}?) not found in the base model",),
        fixed(
            "LoRA changes layers by their names, and this model has none called {names}.",
            Usual(
                "The layers are called differently in this model",
                "Each family of models has names of its own, such as query_key_value or c_attn.",
                "Print [name for name, _ in model.named_modules()], and give the ends of those names to LoraConfig "
                "as target_modules.",
            ),
            pieces={"names": "the names that were given"},
        ),
    ),
}
