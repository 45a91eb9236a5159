"""What Matplotlib, Pillow and OpenCV say of tensors and arrays that they cannot show or open as a picture."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, sizes

KINDS: dict[str, Kind] = {
    "shown-picture": kind(
        "A tensor that Matplotlib cannot show",
        "Invalid shape (3, 32, 32) for image data",
        (
            rf"Invalid shape \({sizes('shape')}\) for image data",
            r"Invalid dimensions for image data",
        ),
        fixed(
            "imshow takes (height, width), or (height, width, channels) with 3 or 4 channels.",
            Usual(
                "One channel is left as an axis",
                "A grayscale picture is (1, height, width) in PyTorch.",
                'Write plt.imshow(image.squeeze(), cmap="gray").',
                lambda found: found["shape"].startswith("1,"),
            ),
            Usual(
                "The channels come first",
                "PyTorch has (channels, height, width).",
                "Write plt.imshow(image.permute(1, 2, 0)).",
                lambda found: found["shape"].startswith(("3,", "4,")) and found["shape"].count(",") == 2,
            ),
            Usual(
                "A whole batch",
                "A batch has an axis more than a picture.",
                "Write plt.imshow(batch[0].permute(1, 2, 0)), or make one picture of it with "
                "torchvision.utils.make_grid(batch).",
                lambda found: found["shape"].count(",") == 3,
            ),
            Usual(
                "The maps of a layer",
                "A hidden layer has many channels, and each of them is a picture.",
                "Show one of them: plt.imshow(maps[0, 0].detach()).",
            ),
            pieces={"shape": "the shape that it gets"},
        ),
    ),
    "array-picture": kind(
        "An array that Pillow cannot take as a picture",
        "Cannot handle this data type: (1, 1, 28), |u1",
        (
            rf"Cannot handle this data type: \({sizes('shape')}\), [|<>=](?P<type>[a-z]\d{{1,2}})",
            r"Cannot handle this data type\b",
        ),
        fixed(
            "Image.fromarray takes (height, width), or (height, width, channels) with 3 or 4 channels, as bytes.",
            Usual(
                "The array has floats or large numbers",
                "A picture of several channels has bytes, 0 to 255.",
                'Write Image.fromarray((array * 255).astype("uint8")) for values from 0 to 1.',
                lambda found: bool(found["type"]) and not found["type"].endswith("u1"),
            ),
            Usual(
                "The channels come first",
                "The last number of the message is the last axis of the array; it must be 3 or 4.",
                "Write Image.fromarray(array.transpose(1, 2, 0)).",
                lambda found: bool(found["shape"]) and found.sizes("shape")[-1] > 4,
            ),
            Usual(
                "One channel is left as an axis",
                "A grayscale picture has two axes.",
                "Write Image.fromarray(array.squeeze()).",
                lambda found: bool(found["shape"]) and found.sizes("shape")[-1] == 1,
            ),
            pieces={"shape": "the end of its shape", "type": "the type of its values"},
        ),
    ),
    "empty-picture": kind(
        "A picture that OpenCV did not read",
        "OpenCV(4.5.5) color.cpp:182: error: (-215:Assertion failed) !_src.empty() in function 'cv::cvtColor'",
        (
            r"\(-215:Assertion failed\) !_?s(?:rc|size)\.empty\(\) in function '(?:cv::)?(?P<name>\w{1,40})'",
            r"\(-215:Assertion failed\) size\.width ?> ?0 && size\.height ?> ?0 in function "
            r"'(?:cv::)?(?P<name>\w{1,40})'",
        ),
        fixed(
            "{name} gets a picture without pixels.",
            Usual(
                "The file was not found",
                "cv2.imread does not complain of a wrong path: it returns nothing at all.",
                "Check it: assert os.path.exists(path), path.",
            ),
            Usual(
                "The crop or the new size is empty",
                "Slices beyond the edge give an array of size 0.",
                "Print image.shape before this line.",
            ),
            pieces={"name": "the function of OpenCV"},
        ),
    ),
}
