"""Every target, by its name."""

from collections.abc import Mapping

from fuzz import carriers, eap, radius, words
from fuzz.feed import Target

TARGETS: Mapping[str, Target] = {
    target.name: target for target in (*radius.TARGETS, *eap.TARGETS, *words.TARGETS, *carriers.TARGETS)
}
