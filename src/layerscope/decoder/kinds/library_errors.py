"""A transformers model that gets no tokens, and a random generator on another device."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word

KINDS: dict[str, Kind] = {
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
}
