"""There is one way to ask for a number."""

from tests.ui.test_markup import SOURCES


def test_every_number_field_says_what_it_does_not_take():
    """A field of Streamlit's own would turn red without a sentence."""
    assert [path.name for path in SOURCES if "st.number_input" in path.read_text(encoding="utf-8")] == [
        "number_field.py"
    ]
