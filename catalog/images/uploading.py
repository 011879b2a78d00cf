"""Files that are sent with a form, or by its script while one still types; who may send them; how they are served."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static

from backoffice.console.site import site
from catalog.images import files
from catalog.images.models import Upload

mounted: set[type[models.Model]] = set()
"""The models whose forms have a Media tab; each tab adds its own."""


def may_send(user: Any) -> bool:
    """Whether the user may save some form that has a Media tab."""
    screens = [site._registry[model] for model in mounted if model in site._registry]
    return any(
        right.is_declared and right.held_by(user)
        for screen in screens
        for right in (screen.right(screen.change_right), screen.right("add"))
    )


def receive(upload: Any, user: Any) -> Upload:
    """Take a file in and keep it until its form is saved. Raises ValidationError."""
    stored = files.take_in(upload)
    return Upload.objects.create(token=secrets.token_urlsafe(32), user=user, **stored._asdict())


def send(request: HttpRequest) -> HttpResponse:
    """Where the script of the Media tab sends one file. A refusal is an answer like any other."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    sent = request.FILES.get("file")
    if sent is None:
        return JsonResponse({"error": ""}, status=400)
    try:
        upload = receive(sent, request.user)
    except ValidationError as problem:
        return JsonResponse({"error": " ".join(problem.messages)})
    return JsonResponse(
        {
            "token": upload.token,
            "name": upload.name,
            "width": upload.width,
            "height": upload.height,
            "preview": files.address(files.preview_name(upload.file)),
        }
    )


def serve(request: HttpRequest, name: str) -> HttpResponse:
    """A stored picture, to anybody who is signed in. One that is gone is a drawing that says so."""
    if not files.NAME.match(name) or not default_storage.exists(name):
        return redirect(static("backoffice/img/no-picture.svg"))
    response = FileResponse(
        default_storage.open(name), content_type=files.TYPES[name.rpartition(".")[2]], as_attachment=False
    )
    # The name is random and what lies under it never changes.
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
