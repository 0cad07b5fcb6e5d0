"""Jobs: what the worker does by schedule. One job, one file, named in `PROCRASTINATE_IMPORT_PATHS` (django_settings.py)."""
