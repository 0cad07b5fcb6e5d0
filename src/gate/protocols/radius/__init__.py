"""RADIUS (RFC 2865, 2866, 2868, 2869, 3162, 3579, 5080, 5176, 5997) as bytes: no sockets, no clock, no storage.

Where things are:

- ``codes``       packet codes
- ``errors``      the tree of everything a decoder can raise
- ``packet``      a datagram to a `Packet` and back
- ``signing``     Request, Response and Message-Authenticator
- ``pap, chap``   the two password attributes
- ``values``      one encoder and one decoder for each data type
- ``dictionary``  names, numbers and words of attributes, by RFC and by vendor
- ``server``      the memory of replies that makes retransmissions harmless
- ``dump``        a packet in words, without its secrets, for debug logs

This is the hot path: modules are fully typed and plain so that they can be compiled without change.
"""
