"""The row scope *categories*: roles and users limited to some categories, alone or with all below them
(spec: products 0.12, users-and-roles 5)."""

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.accounts import scopes
from catalog.categories.models import Category, CategoryGroupGrant, CategoryUserGrant


def covered(grants: QuerySet) -> QuerySet[Category]:
    """The ids of the categories that grants cover, for ``…__in`` conditions of the rooms above."""
    alone = Q(content_object=OuterRef("pk"))
    below = Q(with_below=True, outer_path__startswith=F("content_object__path"))
    reaching = grants.annotate(outer_path=ExpressionWrapper(OuterRef("path"), CharField())).filter(
        alone | below
    )
    return Category.objects.order_by().filter(Exists(reaching)).values("pk")


KIND = scopes.ScopeKind(
    "category",
    _("Categories"),
    Category,
    CategoryGroupGrant,
    CategoryUserGrant,
    code="key",
    suggest="admin:categories_category_suggest",
    deep="with_below",
    deep_label=_("with all sub-categories"),
)


def register() -> None:
    """Called when the apps are ready."""
    scopes.register(KIND).limits(Category, lambda grants: Q(pk__in=covered(grants)))
