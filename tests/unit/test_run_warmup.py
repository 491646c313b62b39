"""Every worker is warm before anything is judged."""

from __future__ import annotations

import pytest

from soakproof.config import Config
from soakproof.run.execute import warm_each_worker


@pytest.mark.parametrize(("processes", "warmup"), [(0, 3), (1, 3), (2, 6), (4, 12), (16, 12)])
def test_each_worker_gets_its_waves(processes, warmup):
    """Workers share the clients of a wave, so warming them up takes as many times the waves; four times at most."""
    config = Config(command=["python", "app.py"], warmup=3)
    assert warm_each_worker(config, processes).warmup == warmup
    assert config.warmup == 3
