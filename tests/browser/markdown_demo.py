"""Hostile text in each kind of place where Streamlit reads Markdown, for test_hostile_text.py."""

import streamlit as st

from layerscope.text import in_streamlit
from tests.browser.hostile import HOSTILE

for n, text in enumerate(HOSTILE):
    with st.container(key=f"body-{n}"):
        st.markdown(in_streamlit(text))
        st.error(in_streamlit(text))
st.radio(in_streamlit(HOSTILE[0]), HOSTILE, format_func=in_streamlit, key="options")
st.button("Hover", help=in_streamlit(" ".join(HOSTILE)))
