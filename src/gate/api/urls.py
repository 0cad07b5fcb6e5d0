"""The API's address. Served on its own by the short way in wsgi.py, and as part of gate/urls.py for everything else."""

from django.urls import path

from gate.api import api

urlpatterns = [path("api/v1/", api.urls)]
