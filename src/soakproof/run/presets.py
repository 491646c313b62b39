"""Which preset fits the target that was started, by what it has imported."""

from __future__ import annotations

from soakproof.config import Config
from soakproof.config.presets import apply_preset, choose_preset, modules_wanted
from soakproof.errors import ConfigError
from soakproof.target.link import AgentLink


def fit_preset(config: Config, links: list[AgentLink]) -> tuple[Config, str | None]:
    """Return the options with what the preset of the target's framework says; and its name, None for none.

    Raises:
        ConfigError: such a target cannot be soaked, several presets fit it, or an option is of a protocol not spoken.
    """
    imported = {module for link in links for module in link.request("imported", modules=modules_wanted())["modules"]}
    name = choose_preset(config, imported)
    fitted = apply_preset(config, name) if name else config
    check_protocol(fitted)
    return fitted, name


def check_protocol(config: Config) -> None:
    """Refuse options of the protocol that is not spoken.

    Raises:
        ConfigError: there is one.
    """
    if config.protocol == "websocket" and (config.join or config.auth is not None):
        raise ConfigError(
            "--join or --auth with plain WebSockets, which have no events and no auth; say what clients send with "
            "--message TEXT, and who they are with --query or --header"
        )
    if config.protocol == "socketio" and config.message:
        raise ConfigError("--message without --protocol websocket; Socket.IO has events: use --join EVENT[=JSON]")
