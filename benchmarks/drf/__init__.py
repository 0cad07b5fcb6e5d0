"""Two lists and two writes as a competent Django REST framework project serves them: the peer of `rest_api.py`.

Models, ModelSerializers, cursor pages, a token looked up in its table, names by one join. Lean settings: no middleware but
Django's own two for APIs, JSON only, connections kept open. Nothing is made slow on purpose.
"""
