"""The text Prometheus reads."""

import pytest

from gate.core.exposition import Histogram, counter, gauge, histogram, render


def test_families_as_text():
    sizes = Histogram((1, 2.5))
    for value in (0.5, 1, 2, 2.5, 7):
        sizes.observe(value)
    assert render([
        counter("a_total", "Told\nin two \\ lines.", [({"name": 'quoted "x"\n\\'}, 3.0), ({}, 0)]),
        gauge("b", "Seconds.", [({}, 0.25)]),
        histogram("c", "Sizes.", [({"queue": "q"}, sizes)]),
        gauge("d", "Nothing.", []),
    ]) == (
        "# HELP a_total Told\\nin two \\\\ lines.\n"
        "# TYPE a_total counter\n"
        'a_total{name="quoted \\"x\\"\\n\\\\"} 3\n'
        "a_total 0\n"
        "# HELP b Seconds.\n"
        "# TYPE b gauge\n"
        "b 0.25\n"
        "# HELP c Sizes.\n"
        "# TYPE c histogram\n"
        'c_bucket{queue="q",le="1"} 2\n'
        'c_bucket{queue="q",le="2.5"} 4\n'
        'c_bucket{queue="q",le="+Inf"} 5\n'
        'c_sum{queue="q"} 13\n'
        'c_count{queue="q"} 5\n'
        "# HELP d Nothing.\n"
        "# TYPE d gauge\n"
    )  # fmt: skip


@pytest.mark.parametrize(("value", "said"), [(1e15, "1000000000000000"), (0.0000012, "1.2e-06"), (-2.0, "-2")])
def test_numbers(value, said):
    assert render([gauge("a", "A.", [({}, value)])]).endswith(f"a {said}\n")
