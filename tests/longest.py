"""Which files of tests begin first: those that take longest, or one of them would still run when all else is over.

Those that wait for real time stand between those that reckon, so that three workers keep two cores busy. After
`python -m pytest -n 3 --dist loadfile --durations=0` one can say anew which they are.
"""

FIRST = (
    "browser/test_browser_on_stage.py",
    "virtual/test_visit_in_virtual_time.py",
    "procedures/test_two_sides.py",
    "survival/test_killed.py",
    "visit/test_weeks.py",
    "survival/test_cut_off.py",
    "virtual/test_off_duty.py",
    "demo/test_demo_check.py",
    "procedures/test_duress_twin.py",
    "console/test_browser.py",
    "virtual/test_never_stuck.py",
    "pendant/test_pairing.py",
    "footprint/test_footprint.py",
    "bench/test_bench.py",
    "virtual/test_duress_trace.py",
    "survival/test_dead_phone.py",
    "motion/test_falls.py",
    "console/test_whole_hub.py",
    "pendant/test_whole_firmware.py",
    "interpreters/test_firmware_elsewhere.py",
    "interpreters/test_core_elsewhere.py",
)
