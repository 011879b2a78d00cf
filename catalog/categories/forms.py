"""The form of a category (spec: products 19.2)."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.forms import ScreenForm
from backoffice.console.rows import visible
from catalog.categories import addresses, store_links, tree
from catalog.categories.models import Category, CategoryTemplate
from catalog.stores.models import Store


class KeyInput(forms.TextInput):
    """A box for a category key that offers categories while one types; without scripts the key is typed."""

    template_name = "categories/key_input.html"

    class Media:
        js = (forms.Script("backoffice/suggest.js", defer=True),)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "list": f"{name}-offered",
            "autocomplete": "off",
            "data-suggest": reverse("admin:categories_category_suggest"),
        }
        return context


class CategoryKey(forms.ModelChoiceField):
    """A category by its key, among those the user may see."""

    widget = KeyInput
    default_error_messages = {
        "invalid_choice": gettext_lazy("There is no category with the key “%(value)s”."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(Category.objects.none(), to_field_name="key", **options)

    def to_python(self, value: Any) -> Category | None:
        if isinstance(value, int):
            return Category.objects.filter(pk=value).first()
        return super().to_python(value.strip() if isinstance(value, str) else value)


class CategoryForm(ScreenForm):
    """The key is fixed after creation; the parent is named by its key."""

    errors_under: ClassVar[dict[str, str]] = {"is_root": "parent"}

    parent = CategoryKey(label=gettext_lazy("Parent"), required=False)
    stores = forms.ModelMultipleChoiceField(
        Store.objects.order_by("name"),
        label=gettext_lazy("Stores"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    template_name = forms.ChoiceField(label=gettext_lazy("Template"), required=False)

    class Meta:
        model = Category
        fields = (
            "key",
            "parent",
            "name",
            "is_active",
            "is_in_menu",
            "is_clickable",
            "is_searchable",
            "template_name",
            "meta_title",
            "meta_description",
            "meta_keywords",
        )
        help_texts = {
            "key": gettext_lazy("Files name the category by it. Fixed after creation."),
            "is_active": gettext_lazy("Off: the category and the way to its products are hidden."),
            "is_in_menu": gettext_lazy("Offered in the menu of the shop."),
            "is_clickable": gettext_lazy("Off: a heading in the menu without a page of its own."),
            "is_searchable": gettext_lazy("Found by the search of the shop."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        record = self.instance
        self.fields["name"].required = True
        self._prepare_template(record.template_name)
        self.fields["parent"].queryset = visible(Category.objects.all(), self.request.user, "change")
        if record.pk:
            del self.fields["key"]
            self._keep_hidden_parent(record)
            held = list(record.store_links.order_by("store__name").values_list("store", flat=True))
            self.initial |= {"parent": record.parent, "stores": held}
        else:
            self._begin_below(self.request.GET.get("parent", ""))
        self._tell_stores()

    def _keep_hidden_parent(self, record: Category) -> None:
        """The topmost category of a limited user stays where it is."""
        is_hidden = not self.fields["parent"].queryset.filter(pk=record.parent_id).exists()
        if record.is_root or is_hidden:
            del self.fields["parent"]
        else:
            self.fields["parent"].required = True

    def _prepare_template(self, held: str) -> None:
        names = dict.fromkeys(CategoryTemplate.objects.values_list("name", flat=True))
        names |= {held: None} if held else {}
        field = self.fields["template_name"]
        field.choices = [("", _("none")), *((name, name) for name in names)]

    def _begin_below(self, key: str) -> None:
        """A new category begins with the stores of the parent it is made below."""
        field = self.fields["parent"]
        parent = field.queryset.filter(key=key[:255]).first() if key else None
        if parent:
            self.initial |= {
                "parent": parent,
                "stores": list(parent.store_links.values_list("store", flat=True)),
            }
        field.required = Category.objects.filter(is_root=True).exists()
        field.help_text = (
            _("The key of the category above; type a part of its key or name.")
            if field.required
            else _("Empty: the first category becomes the root of the tree.")
        )

    def _tell_stores(self) -> None:
        """A root has no parent that could limit it, so it gets no hint (19.1)."""
        parent = None if self.instance.is_root else self.initial.get("parent")
        if parent:
            names = ", ".join(store_links.names_of([parent.pk])[parent.pk]) or _("none")
            self.fields["stores"].help_text = _(
                "Only stores of the parent: %(stores)s. Sub-categories follow."
            ) % {"stores": names}
        else:
            self.fields["stores"].help_text = _("Sub-categories follow.")

    def clean_key(self) -> str:
        key = self.cleaned_data["key"].strip()
        if not key.isprintable():
            raise ValidationError(
                _("The key holds a sign that cannot be seen. Type it anew."), code="bad_key"
            )
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parent = cleaned.get("parent") or (self.instance.parent if "parent" not in self.fields else None)
        self.instance.is_root = "parent" not in self.errors and parent is None
        for field, rule, given in (
            ("parent", tree.refuse_below_itself, (self.instance, parent)),
            ("stores", store_links.refuse_beyond_parent, (parent, cleaned.get("stores", ()))),
        ):
            try:
                rule(*given)
            except ValidationError as problem:
                self.add_error(field if field in self.fields else None, problem)
        return cleaned

    def _post_clean(self) -> None:
        """The addresses follow from what the other checks left in the instance."""
        super()._post_clean()
        if not self.errors:
            try:
                addresses.check(self.instance)
            except ValidationError as problem:
                self.add_error("name", problem)

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"is_root"}
