"""`rig`: the broker under test. CI=true turns an absent mosquitto from a skip into a failure."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rigs import MOSQUITTO, MOSQUITTO_SECURITY, RIGS, Rig


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    if request.param == "mosquitto" and not (MOSQUITTO and MOSQUITTO_SECURITY.exists()):
        why = "mosquitto is not installed: apt-get install mosquitto"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    rig = RIGS[request.param](tmp_path)
    yield rig
    rig.close()
