"""A Streamlit page with a slider, and what is kept of the visitor in its session."""

import streamlit

streamlit.session_state.setdefault("visits", []).append("here")
streamlit.slider("How much?")
