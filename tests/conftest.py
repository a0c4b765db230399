"""For every test: in CI nothing may be skipped, because a test that can't run there proves nothing anywhere.

Recorded data of others is the one exception: it stands beside a checkout, not in it, and CI can't install it.
"""

import os

import pytest

IN_CI = os.environ.get("CI") == "true"
ABSENT_DATA = "../shared/data is not here"


def _forbidden(report: pytest.TestReport | pytest.CollectReport) -> bool:
    return IN_CI and report.skipped and not hasattr(report, "wasxfail") and ABSENT_DATA not in str(report.longrepr)


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
    if _forbidden(report):
        _fail(report)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    report = outcome.get_result()
    if _forbidden(report):
        _fail(report)
