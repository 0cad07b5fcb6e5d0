"""The tables of a FreeRADIUS, and what is asked of those who were in them."""

import subprocess
from pathlib import Path

SCHEMA = Path("/etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql")
# The columns of Debian's that are read, for machines without it.
OWN_SCHEMA = """
CREATE TABLE radacct (radacctid bigserial PRIMARY KEY, acctsessionid text NOT NULL, acctuniqueid text NOT NULL UNIQUE,
    username text, realm text, nasipaddress inet NOT NULL, nasportid text, nasporttype text, acctstarttime timestamptz,
    acctupdatetime timestamptz, acctstoptime timestamptz, acctinterval bigint, acctsessiontime bigint, acctauthentic text,
    connectinfo_start text,
    connectinfo_stop text, acctinputoctets bigint, acctoutputoctets bigint, calledstationid text, callingstationid text,
    acctterminatecause text, servicetype text, framedprotocol text, framedipaddress inet, framedipv6address inet,
    framedipv6prefix inet, framedinterfaceid text, delegatedipv6prefix inet, class text);
CREATE TABLE radcheck (id serial PRIMARY KEY, username text NOT NULL DEFAULT '', attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '==', value text NOT NULL DEFAULT '');
CREATE TABLE radreply (LIKE radcheck INCLUDING ALL);
CREATE TABLE radgroupcheck (id serial PRIMARY KEY, groupname text NOT NULL DEFAULT '', attribute text NOT NULL DEFAULT '',
    op varchar(2) NOT NULL DEFAULT '==', value text NOT NULL DEFAULT '');
CREATE TABLE radgroupreply (LIKE radgroupcheck INCLUDING ALL);
CREATE TABLE radusergroup (id serial PRIMARY KEY, username text NOT NULL DEFAULT '', groupname text NOT NULL DEFAULT '',
    priority integer NOT NULL DEFAULT 0);
CREATE TABLE nas (id serial PRIMARY KEY, nasname text NOT NULL, shortname text NOT NULL, type text NOT NULL DEFAULT 'other',
    ports integer, secret text NOT NULL, server text, community text, description text);
"""
SECRET = "a-secret-of-16-or-more"


def fill(theirs, table, columns, *rows):
    names = columns.split()
    with theirs.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})", rows)


def ask(server, name, password, *more):
    said = f'User-Name = "{name}"\nUser-Password = "{password}"\nPacket-Src-IP-Address = 127.0.0.9\n' + "".join(
        f"{a}\n" for a in more
    )
    run = subprocess.run(
        ["radclient", "-x", "-r", "2", f"127.0.0.1:{server.auth_port}", "auth", SECRET],
        input=said, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    return run.stdout.partition("Received ")[2]
