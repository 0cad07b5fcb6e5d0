"""EAP (RFC 3748) on the server's side, as bytes: no sockets, no clock, no storage, no opinion on who is let in.

Where things are:

- ``packet``        EAP packets, and how RADIUS carries them (RFC 3579)
- ``errors``        everything a decoder can raise
- ``steps``         what comes out: send this, is this the password, it is who they say, it is over
- ``fragments``     messages longer than a packet, both ways (RFC 5216 section 2.1.5)
- ``tunnel``        a TLS server over memory, its certificates, and the memory of sessions to resume
- ``tls_method``    what the three methods over TLS share
- ``tls``           EAP-TLS (RFC 5216, RFC 9190)
- ``ttls``          EAP-TTLS with PAP or MS-CHAP-V2 inside (RFC 5281, RFC 9427)
- ``peap``          PEAP version 0 with EAP-MSCHAPv2 inside
- ``mschapv2``      EAP-MSCHAPv2, inside PEAP
- ``md5``           EAP-MD5: no keys, no tunnel, offered only where somebody switches it on
- ``names``         whom a client's certificate is made for
- ``session``       one conversation from Identity to Success or Failure
"""
