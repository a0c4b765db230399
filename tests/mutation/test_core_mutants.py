"""A mistake put into the core is noticed by the core's own tests: at least 95 in 100 of all that mutmut knows.

`make soak` only. Each survivor is shown with its lines: either a test kills it from now on, or explained.toml says why
none can. WATCHWORD_MUTANTS=600 takes so many instead of all, WATCHWORD_MUTANTS_SEED others; docs/mutation.md has a run.
"""

import os
import random
from concurrent.futures import ThreadPoolExecutor

import mutants
import pytest

LEAST_KILLED = 0.95


def chosen(names: list[str]) -> list[str]:
    """The mutants of this run."""
    sample = int(os.environ.get("WATCHWORD_MUTANTS", len(names)))
    if sample >= len(names):
        return names
    seed = int(os.environ.get("WATCHWORD_MUTANTS_SEED", "1"))
    return sorted(random.Random(seed).sample(names, sample))


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_the_cores_tests_notice_mistakes() -> None:
    every = mutants.prepare()
    names = chosen(every)
    mutants.run([] if names == every else names)
    results = mutants.results()
    became = {name: results[name] for name in names}
    counts = mutants.count(became)
    with ThreadPoolExecutor(mutants.PROCESSES) as pool:
        living = [name for name, kind in became.items() if kind not in mutants.KILLED]
        survivors = list(pool.map(mutants.look_at, living))
    reasons = mutants.explanations()
    unexplained = [mutant for mutant in survivors if not any(reason.fits(mutant) for reason in reasons)]
    idle = [reason for reason in reasons if names == every and not any(reason.fits(mutant) for mutant in survivors)]
    killed = counts["killed"] / len(names)
    print(f"{len(every)} mutants of the core, {len(names)} tried: {counts['killed']} killed ({killed:.1%});", end=" ")
    print(f"{len(survivors)} survived, {len(survivors) - len(unexplained)} of them explained")
    print("".join(f"explains none that lives: {reason}\n" for reason in idle))
    assert not unexplained, "kill or explain:\n" + "\n".join(map(str, unexplained))
    assert killed >= LEAST_KILLED
