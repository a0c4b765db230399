"""Which files of tests begin first: those that take longest, or one of them would still run when all else is over.

Those that wait for real time stand between those that reckon, so that three workers keep two cores busy. After
`python -m pytest -n 2 --dist loadfile --durations=0` one can say anew which they are.
"""

FIRST = (
    "survival/test_killed.py",
    "footprint/test_footprint.py",
    "visit/test_weeks.py",
    "browser/test_browser_on_stage.py",
    "lint/test_check.py",
    "interpreters/test_core_elsewhere.py",
    "console/test_browser.py",
    "gestures/test_confusion.py",
    "virtual/test_visit_in_virtual_time.py",
    "demo/test_demo_check.py",
    "virtual/test_fortnight.py",
    "procedures/test_two_sides.py",
    "motion/test_falls.py",
    "survival/test_cut_off.py",
    "procedures/test_duress_twin.py",
    "procedures/test_explored.py",
    "bench/test_bench.py",
    "survival/test_dead_phone.py",
    "lint/test_people.py",
    "pendant/test_pairing.py",
    "pendant/test_strangers.py",
    "console/test_whole_hub.py",
    "pendant/test_whole_firmware.py",
)
