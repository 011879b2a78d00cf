"""Refusals and faults inside the frame: 403 names screen, right and roles; 404 and 500 are friendly."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice import actor
from backoffice.console.rights import SIGNED_IN, Asked, OwnRows, Refused, Right
from backoffice.console.site import site, wants_data

on_refusal: list[Callable[[HttpRequest, Asked | None], None]] = []
"""Called for every refused request; accounts writes the security log here."""


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 at the requested address, without a redirect."""
    asked = exception.asked if isinstance(exception, Refused) else None
    for tell in on_refusal:
        tell(request, asked)
    if wants_data(request):
        return JsonResponse({"error": _("Access denied.")}, status=403)
    opening = [asked] if isinstance(asked, Right) else asked.rights() if isinstance(asked, OwnRows) else ()
    holders = roles_holding(*opening)
    context = site.frame(
        request,
        title=_("Access denied"),
        main_class="is-mid",
        asked=asked,
        reason=getattr(exception, "reason", ""),
        roles=holders,
    )
    return render(request, "403.html", context, status=403)


def roles_holding(*rights: Right) -> list[str]:
    """The names of the roles that give one of the rights."""
    wanted = Q()
    for right in rights:
        wanted |= Q(content_type__app_label=right.model._meta.app_label, codename=right.codename)
    if not wanted:
        return []
    groups = Group.objects.filter(permissions__in=Permission.objects.filter(wanted))
    return list(groups.order_by("name").values_list("name", flat=True).distinct())


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or a row the user may not see; the answer is the same."""
    if wants_data(request):
        return JsonResponse({"error": _("Not found.")}, status=404)
    screen = _screen_at(request)
    context = site.frame(request, screen=screen, title=_("Not found"), main_class="is-mid")
    if screen:
        context["list_url"], context["list_label"] = screen.list_url, capfirst(str(screen.tab_label))
        context["crumbs"] = [(context["list_label"], screen.list_url)]
    return render(request, "404.html", context, status=404)


def _screen_at(request: HttpRequest) -> Any:
    """The screen that the address belongs to, if the user may open its list."""
    place = request.path_info.strip("/").split("/")[:2]
    for model, screen in site._registry.items():
        if place == [model._meta.app_label, model._meta.model_name]:
            is_open = SIGNED_IN.held_by(request.user) and screen.right("view").held_by(request.user)
            return screen if is_open else None
    return None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token; the typed values are kept and listed so that nothing is lost."""
    from backoffice.console import rescue

    kept = rescue.stored(request)
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if value and not name.startswith(("csrf", "_")) and "password" not in name
    ]
    context = site.frame(
        request, title=_("The page was open too long"), main_class="is-mid", typed=typed, is_kept=bool(kept)
    )
    response = render(request, "403_csrf.html", context, status=403)
    if kept:
        rescue.set_cookie(response, kept)
    return response


def fault(request: HttpRequest) -> HttpResponse:
    """500: a plain sentence and the number to quote; no trace, path or SQL."""
    context: dict[str, Any] = {"request_id": getattr(getattr(request, "actor", None), "request_id", "")}
    if not context["request_id"]:
        context["request_id"] = actor.current().request_id
    return HttpResponse(loader.render_to_string("500.html", context), status=500)
