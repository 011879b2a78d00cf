"""All addresses: the site guards every one of them. Static files are served before a request gets here."""

from django.urls import path

from backoffice.console import errors
from backoffice.console.site import site

urlpatterns = [path("", site.urls)]

handler403 = errors.refused
handler404 = errors.missing
handler500 = errors.fault
