"""What a page's stages are handed, of a page that AppTest runs."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def stages(app: AppTest) -> list[dict[str, Any]]:
    """One for each stage, in the order of the page."""
    return [json.loads(one.proto.bytes) for one in app.get("bidi_component") if one.proto.bytes]


def handed(app: AppTest, name: str = "") -> list[Any]:
    """What the page's other components, or those of that name, are handed."""
    every = (one.proto for one in app.get("bidi_component"))
    return [json.loads(proto.json) for proto in every if proto.json and proto.component_name.endswith(name)]
