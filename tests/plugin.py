# SPDX-License-Identifier: Apache-2.0
"""pytest plugin of the netns and corpus tiers: what a skip means.

With WEIR_REQUIRE_CORPUS=1 or WEIR_REQUIRE_PRIVILEGED=1 a skipped test of that tier fails. Without,
a file whose tests were all skipped exits with 77, which ctest shows as skipped."""

import os
import pathlib

import pytest

REQUIRE = {"netns": "WEIR_REQUIRE_PRIVILEGED", "corpus": "WEIR_REQUIRE_CORPUS"}
counts = {"passed": 0, "failed": 0, "skipped": 0}


def required(path):
    tier = pathlib.Path(path).parent.name
    return os.environ.get(REQUIRE.get(tier, ""), "") == "1"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.skipped and not hasattr(report, "wasxfail") and required(item.fspath):
        report.outcome = "failed"
        report.longrepr = f"skipped although required: {call.excinfo.value}"


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    """A module that skips itself while it is read (importorskip) is a skip like any other."""
    report = (yield).get_result()
    if not report.skipped:
        return
    counts["skipped"] += 1
    if required(collector.fspath):
        report.outcome = "failed"
        report.longrepr = f"skipped although required: {report.longrepr}"


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        counts[report.outcome] += 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if session.exitstatus == pytest.ExitCode.OK and counts["skipped"] and not counts["passed"]:
        session.exitstatus = 77
    if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = 77 if counts["skipped"] else pytest.ExitCode.TESTS_FAILED
