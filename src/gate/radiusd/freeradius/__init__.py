"""The door for a FreeRADIUS that asks GATE over HTTP (rlm_rest): docs/howto/move-from-freeradius.md.

It is one more way for a request to come and go (`request.Way`): what FreeRADIUS says in JSON becomes the packet its NAS sent, and
from there on nothing knows the difference: the same queues, look-ups, rules, log and accounting.
"""
