"""Five words that stand for a text: another text, other words. They are short, none comes twice, and no two
sound alike.

Nothing in them is secret, so whoever wants another text with the same words has to try texts. There are 10**12 rows of
five words, and each try costs 16 MiB and 40 ms of one core: eight cores need 170 years for as many tries. A graphics
card is perhaps forty times as fast as those, and needs some years.
"""

import hashlib
from threading import Lock, Semaphore

from layerscope import limits

COUNT = 5
_COST, _BLOCK = 2**14, 8
"""Scrypt's n and r: it needs 128 * n * r bytes."""
_PATIENCE = 2.0
"""Seconds."""
_kept: dict[bytes, str] = {}
_keeping = Lock()
_working = Semaphore(limits.CHECKS.most)


class BusyError(Exception):
    """Others have their words worked out, and the wait would be long; the message is a sentence for the user."""


def check_words(text: str) -> str:
    """The five words. Worked out once for each text, by one visitor at a time, so that many links fill one core at
    most; the interpreter goes on meanwhile. Raises BusyError."""
    key = hashlib.sha256(text.encode()).digest()
    if key in _kept:
        return _kept[key]
    if not _working.acquire(timeout=_PATIENCE):
        raise BusyError(limits.CHECKS.sentence())
    try:
        return _kept[key] if key in _kept else _keep(key, _words(text))
    finally:
        _working.release()


def _words(text: str) -> str:
    """One byte a word, without those that came before: read aloud, a word said twice sounds like a mistake. A longer
    digest begins as a shorter one does, and 32 bytes always have five that differ."""
    room = 256 * _COST * _BLOCK
    digest = hashlib.scrypt(text.encode(), salt=b"layerscope", n=_COST, r=_BLOCK, p=1, maxmem=room, dklen=32)
    return " ".join(WORDS[byte] for byte in list(dict.fromkeys(digest))[:COUNT])


def _keep(key: bytes, words: str) -> str:
    with _keeping:
        _kept[key] = words
        while len(_kept) > limits.CHECKS_KEPT.most:
            del _kept[next(iter(_kept))]
    return words


_WORDS = (
    "acorn anchor apple apron arrow autumn avocado badger bamboo banana barrel basket battery beacon beaver bicycle "
    "biscuit blanket blossom bottle bracelet bridge broccoli bucket buffalo button cabbage cabin cactus camel camera "
    "candle canyon caramel carpet carrot castle cedar cello chapel cherry chicken chimney chocolate cinema circus "
    "clover cobra coconut coffee comet compass cookie copper coral cotton cousin crayon cricket crystal cucumber "
    "curtain cushion daisy dancer desert diamond dinner doctor dolphin donkey dragon drummer eagle elbow elephant "
    "engine envelope falcon farmer feather ferry finger flamingo flute forest fox galaxy garden garlic giant giraffe "
    "glacier goblin gorilla grandma grape guitar hammer harbor hazelnut helmet honey hotel iceberg igloo insect "
    "island ivory jacket jaguar jelly jigsaw journal jungle kangaroo kayak kettle kingdom kitchen ladder lagoon "
    "lantern laundry lemon library lighthouse lion lizard lobster magnet mango marble market meadow mermaid meteor "
    "mirror mosaic mountain muffin museum mushroom napkin necklace nickel noodle notebook nutmeg oasis ocean octopus "
    "olive omelet onion opera orange orchard ostrich otter oven oyster paddle palace panda papaya peanut pelican "
    "pencil penguin pepper piano pickle picnic pigeon pillow pirate pizza planet pony popcorn potato pumpkin puppet "
    "puzzle pyramid rabbit radio rainbow raven ribbon river robot rocket salad salmon satchel saturn scarecrow "
    "scissors shadow shoulder silver skeleton snowman sofa spaghetti spider spinach sponge squirrel stadium statue "
    "submarine sugar sunset tadpole teacher teapot tennis theater thunder ticket tiger toaster tomato tornado tractor "
    "treasure trumpet tulip tunnel turkey turtle umbrella unicorn valley vampire vanilla velvet village violin "
    "volcano wagon waiter walnut walrus waterfall weasel wedding whisper window winter yogurt zebra zipper"
)
WORDS = tuple(_WORDS.split())
