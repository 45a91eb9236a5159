"""What holds for every sentence that the screen can say."""

import re
from math import prod

SUM = re.compile(r"(\d+(?: × \d+)+) = ([\d,]+)")


def faults(sentence: str) -> list[str]:
    """What is wrong with a sentence, whatever it is about."""
    found = []
    if not sentence.strip():
        found.append("it is empty")
    if re.search(r"\bNone\b", sentence):
        found.append("it says None")
    if re.search(r"\(\)|\b(nan|NaN|Decision|Role|Shape)\b|<|  |\.\.(?!\.)|,\.| \.(?!\.)", sentence):
        found.append("something shows through")
    for product, result in SUM.findall(sentence):
        if prod(map(int, product.split(" × "))) != int(result.replace(",", "")):
            found.append(f"{product} is not {result}")
    return found
