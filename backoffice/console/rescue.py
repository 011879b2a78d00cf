"""Session rescue: a form sent after the session ended comes back after sign-in, unsaved (working-day 6.2)."""

import re

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.console.models import KEPT, RescuedForm

COOKIE = "bo_rescue"
SALT = "backoffice.rescue"
FIELD = "_who"
UNSENT = "_unsent"
"""Names of files that a script could not send, because the session had ended."""
NEVER_KEPT = re.compile(r"password|csrf|^(one_time_)?code$", re.IGNORECASE)
"""Names of boxes that hold secrets. A colour code is none."""
LIMIT = 1_000_000
"""Characters of typed text that are kept at most."""
FILES = 50
"""Names of files that are told at most."""


def mark(request: HttpRequest) -> str:
    """The signed user of a form page; the page carries it along."""
    return signing.dumps(request.user.pk, salt=SALT)


def stored(request: HttpRequest) -> RescuedForm | None:
    """Store what was typed for the user the page was made for, signed in or not; None if it is no form page."""
    if request.method != "POST" or FIELD not in request.POST:
        return None
    try:
        user_id = signing.loads(request.POST[FIELD], salt=SALT)
    except signing.BadSignature:
        return None
    values = {
        name: texts
        for name, texts in request.POST.lists()
        if name not in {FIELD, UNSENT} and not NEVER_KEPT.search(name)
    }
    if sum(len(text) for texts in values.values() for text in texts) > LIMIT:
        return None
    RescuedForm.objects.expired().delete()
    files = [file.name[:150] for _box, sent in request.FILES.lists() for file in sent]
    files += [name[:150] for name in request.POST.getlist(UNSENT) if name]
    return RescuedForm.objects.create(
        user_id=user_id, path=request.get_full_path()[:2000], values=values, files=files[:FILES]
    )


def set_cookie(response: HttpResponse, form: RescuedForm) -> None:
    """Bind the kept form to this browser."""
    response.set_cookie(
        COOKIE,
        form.token,
        max_age=int(KEPT.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def keep(request: HttpRequest) -> HttpResponse | None:
    """Keep the form of somebody who is no longer signed in, and lead him to the sign-in page."""
    form = stored(request)
    if form is None:
        return None
    messages.info(request, _("You were signed out. What you typed is kept for 30 minutes; log in to go on."))
    response = redirect_to_login(form.path, reverse("admin:login"))
    set_cookie(response, form)
    return response


def rescued(request: HttpRequest) -> QueryDict | None:
    """The kept values for this page, once, for the same user in the same browser."""
    token = request.COOKIES.get(COOKIE)
    if not token or request.method not in {"GET", "HEAD"}:
        return None
    held = RescuedForm.objects.alive().filter(token=token, user=request.user, path=request.get_full_path())
    form = held.first()
    if form is None:
        return None
    held.delete()
    data = QueryDict(mutable=True)
    for name, texts in form.values.items():
        data.setlist(name, texts)
    messages.info(
        request,
        _("You had been signed out. Your typed values are back; nothing is saved until you press Save."),
    )
    if form.files:
        messages.warning(
            request, _("Choose these files again: %(names)s.") % {"names": ", ".join(form.files)}
        )
    return data
