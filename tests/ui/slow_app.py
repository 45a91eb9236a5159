"""A page whose run takes a moment, for a test: it counts the runs of its process that go on at the same time."""

import time

import streamlit as st

STEPS, STEP_SECONDS = 5, 0.1


@st.cache_resource
def counted() -> dict[str, int]:
    """What all runs share."""
    return {"now": 0, "most": 0, "begun": 0}


count = counted()
count["now"] += 1
count["begun"] += 1
count["most"] = max(count["most"], count["now"])
try:
    for step in range(STEPS):
        time.sleep(STEP_SECONDS)
        st.session_state["step"] = step
        st.text(f"{step}")
    st.text(f"begun {count['begun']}, at once {count['most']}")
finally:
    count["now"] -= 1
