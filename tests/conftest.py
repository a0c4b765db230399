"""For every test: the longest begin first, and in CI nothing may be skipped: what can't run there proves nothing."""

import os
from pathlib import Path

import longest
import pytest

IN_CI = os.environ.get("CI") == "true"
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {HERE / path: at for at, path in enumerate(longest.FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = (
        f"{report.nodeid}: skipped, and CI must run every test. Install what it lacks in .ci/run. {reason}"
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        _fail(report)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    report = outcome.get_result()
    if IN_CI and report.skipped:
        _fail(report)
