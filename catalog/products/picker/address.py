"""The address at which scripts ask for a picker alone, as the form would show it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from backoffice.console.site import site
from catalog.products.picker.bound import BoundPicker
from catalog.products.picker.declaring import Picker


def mount(picker: Picker) -> Picker:
    """Give a picker its address. Called once, where the picker is stated."""
    site.register_address(
        f"products/picker/{picker.name}/",
        _view(picker),
        name=f"products_picker_{picker.name}",
        right=picker.right,
    )
    return picker


def _view(picker: Picker) -> Callable[..., HttpResponse]:
    def show(request: HttpRequest) -> HttpResponse:
        """Nothing changes: the boxes are sent, and come back with what they ask for."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        owner = request.POST.get(f"{picker.name}-owner", "")
        bound = BoundPicker(
            picker,
            request,
            data=request.POST,
            owner=int(owner) if owner.isdecimal() and len(owner) < 19 else None,
            is_open=True,
        )
        bound.is_valid()
        return render(request, "products/picker.html", {"picker": bound})

    return show
