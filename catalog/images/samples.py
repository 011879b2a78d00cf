"""The pictures of the demo catalogue, at the addresses its files name. Production serves none of them."""

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static

from catalog.images import files

NAME = re.compile(r"(large|small)/[\w][\w -]*\.(jpg|png)\Z", re.ASCII)


def serve(request: HttpRequest, name: str) -> HttpResponse:
    """A picture of the sample folder; one that was never drawn is a drawing that says so."""
    path = Path(settings.SAMPLE_MEDIA, name)
    if not NAME.match(name) or not path.is_file():
        return redirect(static("backoffice/img/no-picture.svg"))
    response = FileResponse(path.open("rb"), content_type=files.TYPES[name.rpartition(".")[2]])
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
