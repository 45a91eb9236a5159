"""JSON and links that mean no good: much of one thing, within the limits of a text."""

from random import Random

from tests.costs import ASCII, OTHERS, filled

HEAD = '{"format":"layerscope-network","version":1,"input_shape":[1,28,28],"classes":null,"layers":['
JSON = {
    "ends of lines": "{" + "\n" * 260_000 + "}",
    "blanks": "{" + " " * 260_000 + "}",
    "names": "{" + ",".join(f'"k{n}":1' for n in range(20_000)) + "}",
    "values": '{"format":[' + ",".join("1" * 125_000) + "]}",
    "objects": '{"format":[' + ",".join(["{}"] * 80_000) + "]}",
    "layers": HEAD + ",".join(f'{{"name":"a{n}","type":"ReLU"}}' for n in range(8_000)) + "]}",
    "layers of no type": HEAD + ",".join(f'{{"name":"a{n}","type":"ReLU{n}"}}' for n in range(200)) + "]}",
    "escapes": '{"' + "\\u0041" * 43_000 + '":1}',
    "a text without an end": '{"' + '\\"' * 131_000,
    "digits": '{"a":' + "1" * 262_000,
    "a long name": HEAD + '{"name":"' + "a" * 200_000 + '","type":"ReLU"}]}',
    "a long type": HEAD + '{"name":"a","type":"' + "Conv" * 50_000 + '"}]}',
}
"""What a visitor may paste, by what it has much of."""

LINKS = {
    "layers": "1x28x28" + "~ReLU" * 13_000,
    "values": "1x28x28~Conv2d." + "1x" * 30_000,
    "arguments": "1x28x28~Conv2d.6.5" + ".stride-2" * 7_000,
    "sizes": "1x" * 32_000,
    "names": "1x28x28~ReLU.as-" + "a" * 65_000,
    "digits": "9" * 65_000,
    "layers of many arguments": "1x28x28" + ("~Conv2d.6.5" + ".stride-2x2" * 28) * 199,
}
"""What a link may hold once it is unpacked."""

PIECES = (
    *ASCII,
    *OTHERS,
    '"a":',
    '"a",',
    "[1,",
    "[",
    '{"a":',
    "1.",
    "9e",
    "-0",
    "true,",
    "null,",
    "{}",
    "\\u0041",
    "\\n",
)


def hostile_json(rng: Random) -> str:
    """One or two pieces as often as they fit, or a heavy text in which a stretch is lost, doubled or replaced."""
    if rng.random() < 0.6:
        piece = rng.choice(PIECES) + (rng.choice(PIECES) if rng.random() < 0.5 else "")
        return rng.choice(("", "{", '{"a":', '["', HEAD)) + filled(piece, rng.choice((250_000, 64_000, 3_000)))
    text = rng.choice(list(JSON.values()))
    place, size = rng.randrange(len(text)), rng.choice((1, 5, 1_000))
    part = text[place : place + size]
    return (text[:place] + rng.choice(("", part * 2, rng.choice(PIECES) * size)) + text[place + size :])[:262_000]


def hostile_code(rng: Random) -> str:
    """What a link holds once it is unpacked: heavy codes with other stretches in them, or one piece many times."""
    text = rng.choice(
        (*LINKS.values(), "1x28x28~" + filled(rng.choice((*PIECES, "~", ".", "x", "-", "~ReLU")), 60_000))
    )
    place, size = rng.randrange(len(text)), rng.choice((1, 5, 1_000))
    return text[:place] + rng.choice("~.x-1an,") * rng.choice((0, size)) + text[place + size :]
