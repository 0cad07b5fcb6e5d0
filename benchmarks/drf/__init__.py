"""The accounting list as a competent Django REST framework project serves it: the peer of `accounting_list.py`.

Models, a ModelSerializer, cursor pages, a token looked up in its table, names by one join. Lean settings: no middleware but
Django's own two for APIs, JSON only, connections kept open. Nothing is made slow on purpose.
"""
