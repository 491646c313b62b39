"""The same page with a dict of all visitors, which outlives their states."""

from taipy.gui import Gui, State, get_state_id

value = 10
visitors: dict[str, list[int]] = {}


def on_init(state: State) -> None:
    visitors[get_state_id(state)] = []
    state.value = 20


if __name__ == "__main__":
    Gui("<|{value}|slider|>").run(run_browser=False, state_retention_period=2)
