"""Choosing several of some dozens: a list of boxes to tick with a search above it."""

from typing import Any

from django import forms


class CheckList(forms.CheckboxSelectMultiple):
    """Boxes to tick. With scripts the list is narrowed by what one types; ticked boxes stay ticked."""

    template_name = "console/widgets/check_list.html"
    SEARCHED_FROM = 8
    """So many boxes are worth a search."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return id_ if index is None else super().id_for_label(id_, index)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = [option for _group, options, _place in context["widget"]["optgroups"] for option in options]
        context["widget"] |= {"options": options, "is_searched": len(options) >= self.SEARCHED_FROM}
        return context
