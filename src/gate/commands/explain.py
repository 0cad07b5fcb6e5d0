"""`gate explain`: why somebody would be let in or refused now, step by step. Nothing is written."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

from gate.access import dry_run, rules
from gate.access.dry_run import Answer, Question
from gate.access.rules import holds_secret
from gate.access.types import Grant, Item, Refusal
from gate.attributes import canonical
from gate.commands.organization import scope_named
from gate.core import clock
from gate.core.errors import Invalid
from gate.core.tenancy import Scope
from gate.organizations import queries as organizations
from gate.realms.types import Lead

Render = Callable[[Grant, str], Sequence[Item]]
"""Reply items of a grant in the words of a make of NAS; the RADIUS server's."""


def explain(options: argparse.Namespace, *, render: Render) -> int:
    """0 where the sign-in would be let in, 2 where it would be refused, 3 where home servers decide. Raises GateError."""
    question = Question(
        username=options.username, nas=options.nas, mac=options.mac,
        password=sys.stdin.readline().rstrip("\r\n") if options.password_from_stdin else None,
        attributes=_attributes(options.attribute or ()),
    )  # fmt: skip
    answer = dry_run.ask(_scope(options.organization), question, canonical=canonical, now=clock.now())
    sys.stdout.write("".join(f"{line}\n" for line in lines(answer, render=render)))
    if answer.lead is not None:
        return 3
    return 0 if isinstance(answer.decision, Grant) else 2


def lines(answer: Answer, *, render: Render) -> Iterator[str]:
    """The answer for people."""
    place = answer.place
    where = "no NAS named" if place.id is None else f"NAS {place.short_name} ({place.vendor or 'make not said'})"
    yield f"At {answer.at:%Y-%m-%d %H:%M:%S} UTC, {where}, time zone {place.zone}"
    if answer.lead is not None:
        yield from _led(answer.lead)
        return
    yield f"Profiles: {', '.join(answer.profiles) or 'none'}"
    if answer.assumed and answer.facts.user is not None:
        yield "The password was not looked at; it is taken to be right."
    for step in answer.steps:
        yield f"{'  ok ' if step.holds else '  NO '} {step.about}: expected {step.expected}; is {step.actual}"
    decision = answer.decision
    if isinstance(decision, Refusal):
        yield f"REFUSED: {decision.reason}{f' ({decision.detail})' if decision.detail else ''}"
        return
    if decision is None:
        return
    yield "LET IN"
    if decision.session_timeout is not None:
        yield f"  Session-Timeout = {decision.session_timeout}   ({decision.limited_by})"
    for item in render(decision, place.vendor):
        yield f"  {item.attribute} = {'(hidden)' if holds_secret(item) else rules.expand(item.value, answer.facts.request)}"


def _led(lead: Lead) -> Iterator[str]:
    yield f"Realm {lead.realm} of {lead.organization} (organization {lead.organization_id}) leads to the pool {lead.pool}."
    yield "HOME SERVERS DECIDE; GATE's own users, profiles and rules are not asked. In this order:"
    for place, server in enumerate(lead.servers, 1):
        heard = "" if server.last_answer is None else f", last answer at {server.last_answer:%Y-%m-%d %H:%M:%S} UTC"
        yield f"  {place}. {server.name}: {server.state}{', not asked' if server.state == 'dead' else ''}{heard}"
    if lead.mode == "balance":
        yield "  Devices are spread over them: each begins with one of its own."
    if not lead.is_answered:
        yield f"  None of them works: the sign-in is {'refused' if lead.when_dead == 'reject' else 'left unanswered'}."


def _scope(named: str | None) -> Scope:
    roots = organizations.list_roots() if named is None else []
    if named is not None:
        return scope_named(named)
    if len(roots) != 1:
        raise Invalid.field("organization", "is needed where there is not exactly one root")
    return scope_named(str(roots[0]))


def _attributes(given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise Invalid.field("attribute", "is written NAME=VALUE, for example NAS-Port-Type=Wireless-802.11")
        found.setdefault(name.strip(), []).append(value.strip())
    return found
