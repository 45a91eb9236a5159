"""What Pillow and torchvision's transforms say of pictures that they cannot read, or cannot use."""

from layerscope.decoder.kinds.data_errors import given_type
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word

KINDS: dict[str, Kind] = {
    "transform-order": kind(
        "Transforms in the wrong order",
        "pic should be PIL Image or ndarray. Got <class 'torch.Tensor'>",
        (
            r"(?:img|tensor|Input) should be (?:a )?(?:Tensor Image|torch tensor|PIL Image)\. Got (?:<class )?'"
            rf"{word('given', 60)}",
            rf"pic should be (?:PIL Image|Tensor) or ndarray\. Got (?:<class )?'{word('given', 60)}",
            rf"Input tensor should be a float tensor\. Got {word('given', 60)}",
            rf"Unexpected type (?:<class )'{word('given', 60)}",
            r"[Tt]ensor is not a torch image\.",
        ),
        fixed(
            "Each transform gets the output of the one before it; one of them gets something that it cannot use.",
            Usual(
                "Normalize gets an array, or a tensor without channels",
                "It expects one image of shape (channels, height, width); old versions of torchvision take no batch.",
                "Print x.shape before it: one image needs three axes, x.unsqueeze(0) adds one for the channel.",
                lambda found: "torch image" in found.message,
                only=True,
            ),
            Usual(
                "ToPILImage gets a picture",
                "The data set or an earlier transform already made one.",
                "Leave out ToPILImage.",
                lambda found: "pic should be Tensor" in found.message and given_type("PIL")(found),
                only=True,
            ),
            Usual(
                "ToPILImage gets a tensor with another number of axes",
                "A picture is a tensor of shape (channels, height, width); old versions of torchvision take no other.",
                "Write to_pil(x.unsqueeze(0)) for height and width alone, to_pil(batch[0]) for a batch.",
                lambda found: "pic should be Tensor" in found.message and given_type("Tensor")(found),
                only=True,
            ),
            Usual(
                "A transform of pictures comes after ToTensor",
                "In old versions of torchvision, Resize, crops and flips take pictures, not tensors.",
                "Put ToTensor after them, and Normalize last; or update torchvision.",
                lambda found: "img should be PIL" in found.message and given_type("Tensor")(found),
                only=True,
            ),
            Usual(
                "Normalize comes before ToTensor",
                "Normalize needs a tensor of floats, and ToTensor makes one.",
                "Write transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]).",
                lambda found: "pic" not in found.message and (given_type("PIL")(found) or "float" in found.message),
                only=True,
            ),
            Usual(
                "ToTensor gets a tensor",
                "The data set or an earlier transform already made it a tensor.",
                "Leave out ToTensor, or put it last.",
                lambda found: given_type("Tensor")(found) and "pic should be PIL" in found.message,
                only=True,
            ),
            Usual(
                "An array or a path instead of a picture",
                "OpenCV gives arrays; a list of file names gives strings.",
                'Open a file first: Image.open(path).convert("RGB"). For an array, write Image.fromarray(array).',
                given_type("numpy", "str"),
            ),
            pieces={"given": "the type that was given"},
        ),
    ),
    "picture-axes": kind(
        "A batch, or a map, where one picture is expected",
        "pic should be 2/3 dimensional. Got 4 dimensions.",
        (
            rf"pic should be 2/3 dimensional\. Got {number('axes')} dimensions",
            rf"pic should not have > 4 channels\. Got {number('channels')} channels",
        ),
        fixed(
            "ToPILImage and ToTensor take one picture: height and width, with up to four channels.",
            Usual(
                "A whole batch",
                "A batch has an axis more than a picture.",
                "Take one of its pictures: to_pil(batch[0]).",
                lambda found: bool(found["axes"]),
                only=True,
            ),
            Usual(
                "Maps of a layer, or an axis in the wrong place",
                "A picture has 1, 3 or 4 channels; as a tensor they come first, as an array last.",
                "Take one map, to_pil(maps[0]), or bring the axes in order: array.transpose(1, 2, 0).",
                lambda found: bool(found["channels"]),
                only=True,
            ),
            pieces={"axes": "axes of what it gets", "channels": "channels of what it gets"},
        ),
    ),
    "crop": kind(
        "A crop larger than the image",
        "Required crop size (32, 32) is larger than input image size (8, 8)",
        (
            r"Required crop size \(?(?P<crop>\d{1,9}, \d{1,9})\)? is larger (?:than|then) input image size "
            r"\(?(?P<image>\d{1,9}, \d{1,9})\)?",
        ),
        fixed(
            "A crop of {crop} cannot be cut from an image of {image}.",
            Usual(
                "The images are smaller than the crop",
                "RandomCrop cuts; it does not enlarge.",
                "Write transforms.Resize(256) before it, or transforms.RandomCrop(size, pad_if_needed=True).",
            ),
            pieces={"crop": "height and width of the crop", "image": "height and width of the image"},
        ),
    ),
    "image-file": kind(
        "An image file that cannot be read",
        "cannot identify image file 'cats/7.jpg'",
        (
            r"cannot identify image file (?P<file>'[^'\n]{1,120}')?",
            r"image file is truncated",
            r"Truncated File Read",
            r"broken data stream when reading image file",
        ),
        fixed(
            "Pillow, which opens the images, finds no picture in this file, or only a part of one.",
            Usual(
                "A file that is not a picture",
                "It may be empty, a web page saved under a picture's name, or a format that Pillow does not know.",
                "Look at its beginning: open(path, 'rb').read(20). Leave it out of the folder.",
                lambda found: "identify" in found.message,
            ),
            Usual(
                "The file ends too early",
                "A download or a copy was interrupted.",
                "Copy the file again. To read what there is, set ImageFile.LOAD_TRUNCATED_IMAGES = True, after "
                "from PIL import ImageFile.",
                lambda found: "identify" not in found.message,
            ),
            Usual(
                "The message does not name the file",
                "A data set opens its files one by one, and the traceback shows only the line that does.",
                "Open all of them once: for path, _ in dataset.samples: Image.open(path).load().",
                lambda found: not found["file"],
            ),
            pieces={"file": "the file"},
        ),
    ),
}
