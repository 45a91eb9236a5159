"""What transformers and safetensors say of models that are quantized or whose layers share weights."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "quantized-move": kind(
        "A quantized model that is moved",
        "`.to` is not supported for `4-bit` or `8-bit` bitsandbytes models.",
        (r"`?\.(?P<method>to|cuda|half|float)`? is not supported for [`']?(?:4-bit|8-bit|quantized)",),
        fixed(
            "A model with weights of 4 or 8 bits is put in its place while it is loaded, and cannot be moved or "
            "converted afterwards.",
            Usual(
                "The call is left over from a model that is not quantized",
                "The model already is on the card.",
                "Leave out model.to(device); the card is chosen while loading: device_map={{'': 0}}.",
            ),
            Usual(
                "A package calls it",
                "Older versions of accelerate and of trainers move every model.",
                "Run python -m pip install --upgrade transformers accelerate bitsandbytes.",
            ),
            pieces={"method": "what was called"},
        ),
    ),
    "shared-tensors": kind(
        "Weights that two layers share, in a safetensors file",
        "Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading "
        "them again",
        (
            r"Some tensors share memory, this will lead to duplicate memory on disk",
            r"The weights trying to be saved contained shared tensors",
        ),
        fixed(
            "Two names in the state_dict stand for the same weights, and a safetensors file may hold each only once.",
            Usual(
                "An embedding and the last layer share their weights",
                "save_model writes such weights once, and load_model puts them back.",
                "Write safetensors.torch.save_model(net, path), or model.save_pretrained(path) for a model of "
                "transformers.",
            ),
            Usual(
                "A Trainer saves the file",
                "It can write PyTorch's own format instead.",
                "Write TrainingArguments(path, save_safetensors=False).",
            ),
        ),
    ),
}
