"""How the pages look to one person: theme and menu width in cookies, page size with the user. All by POST."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

PAGE_SIZES = (10, 25, 50, 100)
DEFAULT_PAGE_SIZE = 25
YEAR = 365 * 24 * 60 * 60
COOKIES = {"theme": ("bo_theme", {"auto", "light", "dark"}), "nav": ("bo_nav", {"full", "mini"})}


def local_address(address: str) -> str:
    """``address`` if it is a path of this site, else the start page (``//evil``, ``javascript:`` …)."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    if is_path and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return reverse("admin:index")


def set_look(request: HttpRequest) -> HttpResponse:
    """Remember theme or menu width in this browser."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    response = redirect(local_address(request.POST.get("next", "")))
    for name, (cookie, known) in COOKIES.items():
        value = request.POST.get(name)
        if value in known:
            response.set_cookie(
                cookie, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
    return response


def set_preference(request: HttpRequest) -> HttpResponse:
    """Remember the page size with the user."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    size = request.POST.get("page_size", "")
    if not size.isdecimal() or int(size) not in PAGE_SIZES:
        return HttpResponseBadRequest()
    chosen = {**request.user.settings, "page_size": int(size)}
    get_user_model().objects.filter(pk=request.user.pk).update(settings=chosen)
    return redirect(local_address(request.POST.get("next", "")))


def page_size(user: object) -> int:
    """Rows per page of this user."""
    size = getattr(user, "settings", {}).get("page_size", DEFAULT_PAGE_SIZE)
    return size if size in PAGE_SIZES else DEFAULT_PAGE_SIZE
