"""What every template may use: brand, theme, the way back to this page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of the frame."""
    return {
        "brand": settings.BRAND_NAME,
        "theme": {"light": "light", "dark": "dark"}.get(request.COOKIES.get("bo_theme", "")),
        "nav": "mini" if request.COOKIES.get("bo_nav") == "mini" else "",
        "here": request.get_full_path(),
        "DEMO": settings.DEMO,
    }
