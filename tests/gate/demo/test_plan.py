"""The plan names only what it has, and nothing that belongs to anybody."""

import ipaddress

from gate.demo import plan

DOCUMENTATION = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "127.0.0.0/8")]


def test_names_are_unique_and_known() -> None:
    for things in (plan.ORGANIZATIONS, plan.PROFILES, plan.SITES, plan.ACCESS_POINTS, plan.ACCESS_DEVICES, plan.NETWORKS):
        names = [thing.short_name for thing in things]
        assert len(set(names)) == len(names)
    organizations = {node.short_name for node in plan.ORGANIZATIONS}
    sites = {site.short_name for site in plan.SITES}
    assert {node.parent for node in plan.ORGANIZATIONS} <= organizations | {None}
    for thing in (*plan.PROFILES, *plan.SITES, *plan.NETWORKS, *plan.STAFF, *plan.SUBSCRIBERS):
        assert thing.organization in organizations
    for standing in (*plan.ACCESS_POINTS, *plan.ACCESS_DEVICES, *plan.NETWORKS):
        assert standing.site in sites
    assert {site.nas for site in plan.SITES} <= {nas.short_name for nas in plan.NETWORKS}
    assert {person.profile for person in plan.SUBSCRIBERS} <= {profile.short_name for profile in plan.PROFILES}


def test_the_first_user_may_always_sign_in() -> None:
    first = plan.SUBSCRIBERS[0]
    assert (first.credit, first.state) == (None, "")
    organization = next(node for node in plan.ORGANIZATIONS if node.short_name == first.organization)
    assert organization.recoverable_passwords
    profile = next(profile for profile in plan.PROFILES if profile.short_name == first.profile)
    assert profile.checks == ()
    site = next(site for site in plan.SITES if site.short_name == plan.ACCESS_POINTS[0].site)
    assert (site.organization, site.nas) == (first.organization, plan.NETWORKS[0].short_name)
    assert plan.NETWORKS[0].address == "127.0.0.1"


def test_addresses_are_nobodys() -> None:
    for nas in plan.NETWORKS:
        assert any(ipaddress.ip_address(nas.address) in network for network in DOCUMENTATION)
    assert all(point.mac.startswith("00:00:5E:00:53:") for point in plan.ACCESS_POINTS)
