"""The application's settings, as `reflex init` writes them."""

import reflex as rx

config = rx.Config(app_name="shop", telemetry_enabled=False, redis_token_expiration=5)
