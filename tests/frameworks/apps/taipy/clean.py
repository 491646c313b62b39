"""A Taipy page with a slider; a visitor's state is kept for two seconds after the visitor left."""

from taipy.gui import Gui, State

value = 10


def on_init(state: State) -> None:
    state.value = 20


if __name__ == "__main__":
    Gui("<|{value}|slider|>").run(run_browser=False, state_retention_period=2)
