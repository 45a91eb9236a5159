"""What libraries around PyTorch say: Lightning, Hugging Face's transformers, and ready-made vision transformers."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word

KINDS: dict[str, Kind] = {
    "model-image-size": kind(
        "An image size that a ready-made model does not take",
        "Wrong image height! Expected 224 but got 256!",
        (
            rf"Wrong image (?:height|width)! Expected {number('wanted')} but got {number('got')}!",
            rf"Input image size \({number('got')}\*\d{{1,5}}\) doesn't match model \({number('wanted')}\*\d{{1,5}}\)",
            rf"Input (?:image )?(?:height|width|size) \({number('got')}\) doesn't match model \({number('wanted')}\)",
        ),
        fixed(
            "This model has positions for images of {wanted}×{wanted}, but the images are {got} along one side.",
            Usual(
                "The images are not resized",
                "A vision transformer learned one position for each patch, so it takes one size only.",
                "Write transforms.Resize(({wanted}, {wanted})) before ToTensor().",
            ),
            Usual(
                "The model is made for another size",
                "torchvision and timm make the same model for other sizes: its positions are new then.",
                "Write vit_b_16(image_size={got}), or timm.create_model(name, img_size={got}).",
            ),
            pieces={"wanted": "the side that the model takes", "got": "the side of the images"},
        ),
    ),
    "tokens-uneven": kind(
        "Texts of different lengths in one batch",
        "Unable to create tensor, you should probably activate truncation and/or padding with 'padding=True' "
        "'truncation=True' to have batched tensors with the same length.",
        (r"Unable to create tensor, you should probably activate truncation and/or padding",),
        fixed(
            "The tokenizer gives each text its own number of tokens, and a tensor needs rows of one length.",
            Usual(
                "padding=True is missing",
                "With it, shorter texts are filled up; with truncation=True, longer ones are cut.",
                "Write tokenizer(texts, padding=True, truncation=True, return_tensors='pt').",
            ),
            Usual(
                "A label or a text is a list of lists",
                "A column with lists in it cannot become one tensor either.",
                "Remove that column before the collator, or give the batch DataCollatorWithPadding(tokenizer).",
            ),
        ),
    ),
    "no-input-ids": kind(
        "A transformers model that gets no tokens",
        "You have to specify either input_ids or inputs_embeds",
        (
            r"You have to specify either (?:input_ids|decoder_input_ids|pixel_values)",
            r"You (?:must specify exactly one of|cannot specify both) input_ids (?:or|and) inputs_embeds",
        ),
        fixed(
            "The model was called without the tokens of the text, or with two forms of them.",
            Usual(
                "The tokenizer's answer was not unpacked",
                "It is a dictionary: its entries are the arguments of the model.",
                "Write model(**tokenizer(texts, return_tensors='pt')).",
            ),
            Usual(
                "The decoder's tokens are missing",
                "A model such as T5 reads two texts: the one to translate, and the translation.",
                "Give labels=targets, or decoder_input_ids=targets, beside input_ids.",
            ),
        ),
    ),
    "lightning-method": kind(
        "A Lightning module without one of its methods",
        "No `training_step()` method defined. Lightning `Trainer` expects as minimum `training_step()`, "
        "`train_dataloader()` and `configure_optimizers()` to be defined.",
        (rf"No `{word('method')}\(\)` method defined",),
        fixed(
            "Lightning's Trainer calls {method} of your module, and there is none.",
            Usual(
                "The method has another name, or stands outside the class",
                "Lightning finds its methods by their names, as PyTorch finds forward.",
                "Write def {method} with four blanks in front, inside the class.",
            ),
            Usual(
                "A plain nn.Module was given to the Trainer",
                "trainer.fit needs a LightningModule, which says how one step of training goes.",
                "Write class Net(LightningModule): and put the step of your training loop into {method}.",
            ),
            pieces={"method": "the method"},
        ),
    ),
    "lightning-metric": kind(
        "A metric that Lightning does not find",
        "Early stopping conditioned on metric `val_loss` which is not available. Pass in or modify your "
        "`EarlyStopping` callback to use any of the following: `train_loss`",
        (
            rf"Early stopping conditioned on metric `{word('metric')}` which is not available",
            rf"`?ModelCheckpoint\(monitor='{word('metric')}'\)`? could not find the monitored key",
            rf"ReduceLROnPlateau conditioned on metric {word('metric')} which is not available",
        ),
        fixed(
            "A callback watches {metric}, and nothing of that name was logged.",
            Usual(
                "{metric} is never logged",
                "Only what self.log has written can be watched.",
                "Write self.log('{metric}', loss) in validation_step.",
            ),
            Usual(
                "There is no validation yet",
                "Without a validation loader validation_step never runs.",
                "Write trainer.fit(model, train_loader, val_loader).",
            ),
            pieces={"metric": "what is watched"},
        ),
    ),
    "generator-device": kind(
        "A random generator on another device",
        "Expected a 'cuda' device type for generator but found 'cpu'",
        (rf"Expected a '{word('wanted')}' device type for generator but found '{word('got')}'",),
        fixed(
            "Random numbers are drawn on {wanted}, but the generator is on {got}.",
            Usual(
                "The default device was changed",
                "After torch.set_default_device, or set_default_tensor_type, a shuffling DataLoader draws on {wanted}.",
                "Write DataLoader(data, shuffle=True, generator=torch.Generator(device='{wanted}')).",
            ),
            Usual(
                "The generator was made without a device",
                "torch.Generator() is on the CPU.",
                "Write torch.Generator(device='{wanted}').",
            ),
            pieces={"wanted": "where the numbers are drawn", "got": "where the generator is"},
        ),
    ),
    "one-memory": kind(
        "Writing into a tensor that repeats one place",
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
        "Please clone() the tensor before performing the operation.",
        (
            r"more than one element of the written-to tensor refers to a single memory location",
            r"some elements of the input tensor and the written-to tensor refer to a single memory location",
        ),
        fixed(
            "The tensor shows the same place in memory several times, so it cannot be changed in place.",
            Usual(
                "A tensor after expand",
                "x.expand(8, 3) copies nothing: its eight rows are one.",
                "Write x.expand(8, 3).clone(), or x.repeat(8, 1).",
                lambda found: "more than one element" in found.message,
            ),
            Usual(
                "A value shifted within itself",
                "x[1:] += x[:-1] reads what it has just changed.",
                "Write x[1:] = x[1:] + x[:-1].",
                lambda found: "some elements" in found.message,
            ),
        ),
    ),
}
