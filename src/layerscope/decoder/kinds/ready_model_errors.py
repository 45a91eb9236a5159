"""What ready-made models say: torchvision's detection networks and vision transformers, and timm."""

import re

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes, word


def _turned(found: Found) -> bool:
    """Whether a corner of the box lies before the first one, and not on it."""
    box = [float(value) for value in re.findall(r"-?\d{1,40}(?:\.\d{0,40})?(?:e[+-]?\d{1,3})?", found["box"])]
    return len(box) == 4 and (box[2] < box[0] or box[3] < box[1])


KINDS: dict[str, Kind] = {
    "box-order": kind(
        "A box without width or height",
        "All bounding boxes should have positive height and width. Found invalid box [150.0, 150.0, 50.0, 200.0] for "
        "target at index 0.",
        (
            r"All bounding boxes should have positive height and width\.(?: Found inval?id box "
            r"\[(?P<box>[\d., e+-]{1,120})\] for target at index (?P<index>\d{1,6}))?",
        ),
        fixed(
            "A box is given by two corners, x1, y1, x2, y2, and x2 and y2 must be the larger ones.",
            Usual(
                "Corner and size instead of two corners",
                "COCO and many tools write x, y, width, height.",
                'Write torchvision.ops.box_convert(boxes, "xywh", "xyxy"); for centers, as YOLO has them, "cxcywh".',
                _turned,
            ),
            Usual(
                "A box of a single line",
                "A box that was clicked by mistake, or cut by a crop, may have no width left.",
                "Leave such boxes out, with their labels: keep = (boxes[:, 2:] > boxes[:, :2]).all(dim=1), then "
                "boxes[keep] and labels[keep].",
                lambda found: not _turned(found),
            ),
            pieces={"box": "the box", "index": "the image in the batch, counted from 0"},
        ),
    ),
    "image-list": kind(
        "A detection network that expects a list of images",
        "images is expected to be a list of 3d tensors of shape [C, H, W], got torch.Size([1, 3, 300, 300])",
        (
            rf"images is expected to be a list of 3d tensors of shape \[C, H, W\], got (?:torch\.Size\()?"
            rf"{sizes('given')}",
        ),
        fixed(
            "torchvision's detection networks take a list with one tensor for each image, which may differ in size.",
            Usual(
                "An axis too many",
                "Each entry is one image; unsqueeze(0), or a batch in a list, adds an axis.",
                "Write net([image]) for one image, net(list(batch)) for a batch.",
            ),
            Usual(
                "A grayscale image without a channel axis",
                "Two axes are only height and width.",
                'Load it as RGB: image.convert("RGB").',
                lambda found: found["given"].count(",") == 1,
            ),
            pieces={"given": "the shape of an entry"},
        ),
    ),
    "box-targets": kind(
        "Targets that a detection network cannot use",
        "Expected target boxes to be a tensor of shape [N, 4], got torch.Size([0]).",
        (
            r"Expected target boxes to be a tensor ?of shape \[N, 4\], got (?:torch\.Size\()?\["
            r"(?P<shape>[\d, ]{0,40})\]",
            r"Expected target boxes to be of type (?:torch\.)?Tensor, got (?:<class ')?(?P<type>[\w.]{1,40})",
            r"(?P<none>targets should not be none when in training mode)",
            r"(?P<none>In training mode, targets should be passed)",
        ),
        fixed(
            "In training, a detection network needs a dictionary for each image: boxes of shape (N, 4) and N labels.",
            Usual(
                "An image without boxes",
                "An empty list makes a tensor of shape (0), without the axis of the four numbers.",
                'Write {{"boxes": torch.zeros(0, 4), "labels": torch.zeros(0).long()}} for it.',
                lambda found: found["shape"] == "0",
                only=True,
            ),
            Usual(
                "One box as a row",
                "Even a single box needs the axis that counts the boxes.",
                "Write boxes.reshape(-1, 4).",
                lambda found: found["shape"] not in ("", "0"),
                only=True,
            ),
            Usual(
                "A list instead of a tensor",
                "Numbers from a file are lists.",
                "Write torch.as_tensor(boxes, dtype=torch.float32).reshape(-1, 4).",
                lambda found: bool(found["type"]),
                only=True,
            ),
            Usual(
                "Called in training mode without targets",
                "In training the network returns losses, so it needs the boxes; for boxes of its own it must be in "
                "evaluation mode.",
                "Write net.eval() before net(images), or net(images, targets) for training.",
                lambda found: bool(found["none"]),
                only=True,
            ),
            pieces={"shape": "the shape of the boxes", "type": "the type of the boxes"},
            alone=True,
        ),
    ),
    "model-name": kind(
        "A model that timm or torchvision does not have",
        "Unknown model (resnet51)",
        (
            rf"Unknown model \({word('name', 80)}\)",
            rf"Unknown model {word('name', 80)}",
            rf"Invalid pretrained tag \({word('tag', 60)}\) for (?P<name>\w{{1,60}})",
        ),
        fixed(
            "There is no model called {name} in this version of the package.",
            Usual(
                "A model that a project adds itself",
                "A file with @register_model adds it, but only once that file is imported.",
                "Import the project's file with its models before create_model.",
                lambda found: not found["tag"] and "_" in found["name"],
            ),
            Usual(
                "It is spelled differently, or has come or gone with a version",
                "timm 0.9 renamed many models; what follows the dot is the name of their weights.",
                "Print timm.list_models('*resnet*'), or torchvision.models.list_models().",
            ),
            Usual(
                "These weights do not exist",
                "{name} has no weights called {tag}.",
                "Print timm.list_pretrained('{name}*'), which lists them.",
                lambda found: bool(found["tag"]),
                only=True,
            ),
            pieces={"name": "the name", "tag": "the weights"},
        ),
    ),
    "model-size": kind(
        "Images of a size that a vision transformer was not made for",
        "Input height (300) doesn't match model (224).",
        (
            rf"Input (?P<side>height|width) \({number('given')}\) doesn't match model \({number('wanted')}\)",
            r"Input image size \((?P<given>\d{1,6}\*\d{1,6})\) doesn't match model \((?P<wanted>\d{1,6}\*\d{1,6})\)",
            rf"Wrong image (?P<side>height|width)! Expected {number('wanted')} but got {number('given')}",
        ),
        fixed(
            "This model has a position for each patch of an image of {wanted} and gets {given}.",
            Usual(
                "The images were not resized",
                "A vision transformer takes one size, unlike a network of convolutions.",
                "Write transforms.Resize((224, 224)) with the model's size, with both numbers: one alone keeps the "
                "proportions.",
            ),
            Usual(
                "The model can be made for your size",
                "timm then interpolates the positions.",
                "Write timm.create_model(name, img_size={given}); with torchvision, image_size.",
                lambda found: bool(found["side"]),
                only=True,
            ),
            pieces={"given": "the size that comes", "wanted": "the size that the model was made for"},
        ),
    ),
}
