"""RADIUS over TLS (RFC 6614), with RADIUS/1.1 where the other side offers it (RFC 9765).

`server.py` accepts and keeps order, `connection.py` is one connection, `bindings.py` says which NAS a certificate is of,
`certificates.py` reads certificates, `materials.py` reads files, `dial.py` is the other side: a connection to a home server.
"""
