"""The site: every address with the access it asks for, behind one guard."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _

from backoffice.console import menu
from backoffice.console.rights import PUBLIC, SIGNED_IN, Asked, Refused

View = Callable[..., HttpResponse]


class Address(NamedTuple):
    route: str
    view: View
    name: str
    asked: Asked


class BackOfficeSite(AdminSite):
    """Django's registry of screens with our own guard, addresses and frame."""

    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._addresses: list[Address] = []

    # --- addresses -------------------------------------------------------------------------------

    def guard(self, view: View, asked: Asked) -> View:
        """Wrap a view with the access it asks for. The answer is in the request, never in the page."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if asked is not PUBLIC and not SIGNED_IN.held_by(request.user):
                return self._ask_to_sign_in(request)
            if not asked.held_by(request.user):
                raise Refused(asked)
            return view(request, *args, **kwargs)

        guarded.right = asked
        return guarded

    def _ask_to_sign_in(self, request: HttpRequest) -> HttpResponse:
        from backoffice.console import rescue

        kept = rescue.keep(request)
        if kept is not None:
            return kept
        if wants_data(request):
            return JsonResponse({"error": _("Sign in first.")}, status=401)
        if request.method == "POST":
            messages.info(
                request, _("You were signed out, and nothing was done. Log in and press it once more.")
            )
        target = request.get_full_path() if request.method == "GET" else _page_of(request)
        return redirect_to_login(target, reverse("admin:login"))

    def register_address(self, route: str, view: View, *, name: str, right: Asked) -> None:
        """Add an address that belongs to no model, such as the profile."""
        self._addresses.append(Address(route, view, name, right))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        urls: list[URLPattern | URLResolver] = [
            path(a.route, self.guard(a.view, a.asked), name=a.name) for a in self._addresses
        ]
        for model, screen in self._registry.items():
            prefix = f"{model._meta.app_label}/{model._meta.model_name}/"
            urls += [
                path(prefix + a.route, self.guard(a.view, a.asked), name=a.name) for a in screen.addresses()
            ]
        return urls

    # --- the frame -------------------------------------------------------------------------------

    def frame(self, request: HttpRequest, *, screen: Any = None, **context: Any) -> dict[str, Any]:
        """The context of a page: its title, its place in the menu, and what the page itself adds."""
        return {
            "site": self,
            "screen": screen,
            "menu": menu.headings(self, request, screen) if request.user.is_authenticated else [],
            "area_label": menu.area_label(self, screen) if screen else "",
            "sister_tabs": menu.sister_tabs(self, request, screen) if screen else [],
            "main_class": "",
            "crumbs": [],
            **context,
        }

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:login")


def _page_of(request: HttpRequest) -> str:
    """The page of ours on which a button was pressed, else the start page."""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host() or not page.path.startswith("/"):
        return reverse("admin:index")
    return f"/{page.path.lstrip('/')}{'?' if page.query else ''}{page.query}"


def wants_data(request: HttpRequest) -> bool:
    """Whether the address is asked by a script (tables, type-ahead, counts) rather than by a person."""
    return request.headers.get("Accept", "").startswith("application/json") or "HX-Request" in request.headers


site = BackOfficeSite()
