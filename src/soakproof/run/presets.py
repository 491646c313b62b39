"""Which preset fits the target that was started, by what it has imported."""

from __future__ import annotations

from soakproof.config import Config
from soakproof.config.presets import apply_preset, choose_preset, modules_wanted
from soakproof.target.link import AgentLink


def fit_preset(config: Config, links: list[AgentLink]) -> tuple[Config, str | None]:
    """Return the options with what the preset of the target's framework says, and its name; None where none fits.

    Raises:
        ConfigError: such a target cannot be soaked, or several presets fit it.
    """
    imported = {module for link in links for module in link.request("imported", modules=modules_wanted())["modules"]}
    name = choose_preset(config, imported)
    return (apply_preset(config, name), name) if name else (config, None)
