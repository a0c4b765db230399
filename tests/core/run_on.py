"""Runs the tests of one module, on whichever interpreter: a line a test, exit status 1 if any failed.

`micropython tests/core/run_on.py test_frames`, with MICROPYPATH naming shared/ and tests/core/. A test is a function
`test_...` of no arguments; MicroPython's dicts have no order, so they run by name.
"""

import sys


def tests_of(module_name):
    """[(name, function)] of the module's tests, by name."""
    module = __import__(module_name)
    named = [(name, getattr(module, name)) for name in sorted(dir(module)) if name.startswith("test_")]
    return [(name, test) for name, test in named if callable(test)]


def run(module_name, first=0, may_go_on=None):
    """Runs from test number `first` on, while `may_go_on()`; (next number, or None at the end, how many failed)."""
    failed = 0
    tests = tests_of(module_name)
    for i in range(first, len(tests)):
        if i > first and may_go_on and not may_go_on():
            return i, failed
        failed += not passes(module_name, tests[i][0], tests[i][1])
    return None, failed


def passes(module_name, name, test):
    """Whether `test` returns; whatever it raises is printed."""
    try:
        test()
    except Exception as e:  # noqa: BLE001 - a runner reports whatever a test raises
        print("FAILED %s::%s" % (module_name, name))
        _print_exception(e)
        return False
    print("passed %s::%s" % (module_name, name))
    return True


def _print_exception(e):
    if hasattr(sys, "print_exception"):
        sys.print_exception(e)
    else:
        import traceback

        traceback.print_exception(e)


def main(module_name):
    """Exit status: 0 when there were tests and every one passed."""
    failed = run(module_name)[1]
    print("%s: %d tests, %d failed" % (module_name, len(tests_of(module_name)), failed))
    return 1 if failed or not tests_of(module_name) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
