"""The form that edits a product: the wizard's fields, and the addresses as they are (spec: products 4, 18)."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.forms import Tab
from backoffice.texts import content_locales
from catalog.categories.models import Category
from catalog.products import addressing
from catalog.products.forms import SEO, ProductForm
from catalog.urls import claims
from catalog.urls.claims import Claim
from catalog.urls.models import Url
from catalog.urls.resolving import redirects


class SeoTab(Tab):
    """The texts for search engines, and an address per language with the way back to the generated one."""

    template = "products/seo_tab.html"


def seo_tab() -> Tab:
    return SeoTab("seo", gettext_lazy("SEO"), fields=SEO)


class EditForm(ProductForm):
    """Stores, categories and addresses take part in the comparison with what others saved."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        urls = addressing.paths_of(self.instance.pk)
        codes = content_locales()
        self.initial["paths"] = {code: url.path for code, url in urls.items() if code in codes}
        self.custom = {code for code, url in urls.items() if url.is_custom}
        self.generated = {code: addressing.generated(self.instance, code) for code in codes}
        self.fields["paths"].widget.fallbacks = self.generated
        self.fields["paths"].help_text = _(
            "Empty: made from the name, and it follows the name. Typed ones stay whatever the name is."
        )
        self.fields["sku"].help_text = _("Fixed after creation.")
        self.fields["categories"].help_text = self._hidden_words()

    def _hidden_words(self) -> str:
        """How many assignments the user does not see; they stay (0.12)."""
        hidden = len(self.hidden_categories())
        return _("%(n)s more are outside of your categories and stay.") % {"n": hidden} if hidden else ""

    def hidden_categories(self) -> set[int]:
        assigned = set(self.instance.category_links.values_list("category", flat=True))
        return assigned - set(self.initial["categories"])

    @property
    def former(self) -> list[Url]:
        """The former addresses, which lead to the present ones (18.5)."""
        return redirects(addressing.OWNER, [self.instance.pk]).get(self.instance.pk, [])

    @property
    def addresses(self) -> list[dict[str, Any]]:
        """What the template prints per language: the box with its state and the generated path."""
        bound = self["paths"]
        typed, wrong = bound.value() or {}, bound.wrong if bound.errors else ()
        return [
            {
                "code": code,
                "lang": code.replace("_", "-"),
                "name": f"paths.{code}",
                "id": f"{bound.auto_id}_{code}",
                "value": typed.get(code, ""),
                "generated": self.generated[code],
                "is_wrong": bool(bound.errors) and (not wrong or code in wrong),
                "is_custom": code in self.custom,
                "is_claimed": code in self.initial["paths"],
            }
            for code in content_locales()
        ]

    def _taken_paths(self) -> list[claims.Refusal]:
        """Only what was typed anew can clash."""
        typed = self.cleaned_data.get("paths") or {}
        held = self.initial["paths"]
        wanted = [
            Claim(self.instance.pk, code, typed=path)
            for code, path in typed.items()
            if path != held.get(code)
        ]
        return list(claims.check(addressing.OWNER, wanted)) if wanted else []

    def typed_paths(self) -> dict[str, str]:
        """The addresses that differ from the stored ones; an emptied one goes back to what the name gives (18.3)."""
        held, typed = self.initial["paths"], self.cleaned_data["paths"]
        changed = [code for code in content_locales() if typed.get(code, "") != held.get(code, "")]
        return {code: typed.get(code) or addressing.generated(self.instance, code) for code in changed}

    def shown(self, flat_name: str, value: Any) -> str:
        if flat_name == "categories":
            rows = Category.objects.filter(pk__in=value or ()).with_name(self.request.user.content_locale)
            return ", ".join(row.shown_name for row in rows)
        return super().shown(flat_name, value)


def changed(form: forms.ModelForm, *names: str) -> bool:
    """Whether one of these fields was touched."""
    return bool(set(names) & set(form.changed_data))
