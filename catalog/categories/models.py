"""The category tree, its store links and the known page templates (spec: products 19).

``parent`` and ``node_order`` are the truth about the tree. The materialized path of django-treebeard (``path``,
``depth``, ``numchild``) is the stored copy that sub-tree conditions read; its one writer is
:func:`catalog.categories.tree.arrange`.
"""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.fields import LocalizedField
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField, normalise
from catalog.stores.models import Store
from catalog.stores.names import OwnNames, shown_name


class CategoryQuerySet(OwnNames, MP_NodeQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def in_store(self, store: Store | int) -> Self:
        return self.filter(store_links__store=store)

    def below(self, category: "Category", *, include_self: bool = False) -> Self:
        """The sub-tree of ``category``, in tree order."""
        rows = self.filter(path__startswith=category.path)
        return rows if include_self else rows.exclude(pk=category.pk)

    def above(self, category: "Category") -> Self:
        """The ancestors of ``category``, root first."""
        return self.filter(path__in=category.paths_above)

    def named_like(self, text: str) -> Self:
        """Rows found in key or names."""
        return self.filter(search__contains=normalise(text))

    def with_stores(self) -> Self:
        """Categories with their stores, one more query whatever their number."""
        links = CategoryStore.objects.select_related("store").order_by("store__name")
        return self.prefetch_related(models.Prefetch("store_links", queryset=links))


class CategoryManager(MP_NodeManager.from_queryset(CategoryQuerySet)):  # type: ignore[misc]
    """Tree order is the natural order."""

    use_in_migrations = False

    def get_queryset(self) -> CategoryQuerySet:
        return CategoryQuerySet(self.model, using=self._db).order_by("path")


class Category(Record, MP_Node):
    """A place in the catalogue where products are shown. A child may be in no store its parent is not in."""

    key = models.CharField(_("key"), max_length=255)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    name = LocalizedField(_("name"))
    meta_title = LocalizedField(_("meta title"))
    meta_description = LocalizedField(_("meta description"), max_length=None, multiline=True)
    meta_keywords = LocalizedField(_("meta keywords"), max_length=None)
    is_active = models.BooleanField(_("active"), default=True)
    is_in_menu = models.BooleanField(_("in the menu"), default=True)
    is_clickable = models.BooleanField(_("clickable"), default=True)
    is_searchable = models.BooleanField(_("searchable"), default=True)
    is_root = models.BooleanField(_("root"), default=False, editable=False)
    is_main = models.BooleanField(_("main place"), default=True, editable=False)
    node_order = models.IntegerField(_("order"), default=0)
    template_name = models.CharField(_("template"), max_length=255, blank=True, default="")
    stores = models.ManyToManyField(Store, through="CategoryStore", related_name="categories")
    search = SearchField(sources=("key", "name"))

    path = models.CharField(max_length=1020, db_collation="C", default="", editable=False)
    depth = models.PositiveIntegerField(default=1, editable=False)
    numchild = models.PositiveIntegerField(default=0, editable=False)

    history_excluded = ("path", "depth", "numchild")
    objects = CategoryManager()

    class Meta:
        default_permissions = RIGHTS
        permissions = (("in_scope", "In scope"),)
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("path",)
        indexes = [models.Index(fields=["updated_at", "id"], name="categories_category_changed")]
        constraints = [
            UniqueRule(
                fields=["key"],
                name="categories_category_key_unique",
                column="key",
                code="taken",
                message=_("Another category has this key. Choose a different one."),
            ),
            CheckRule(
                condition=~models.Q(key=""),
                name="categories_category_key_given",
                column="key",
                code="required",
                message=_("A category needs a key."),
            ),
            CheckRule(
                condition=models.Q(parent__isnull=True, is_root=True)
                | models.Q(parent__isnull=False, is_root=False),
                name="categories_category_root_or_parent",
                column="parent",
                code="conflict",
                message=_("Choose the parent. Only the root of the tree has none."),
            ),
            UniqueRule(
                fields=["is_root"],
                condition=models.Q(is_root=True),
                name="categories_category_one_root",
                column="parent",
                code="conflict",
                message=_("The tree has a root already. Choose a parent."),
            ),
            CheckRule(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("pk")),
                name="categories_category_not_own_parent",
                column="parent",
                code="cycle",
                message=_("A category cannot lie below itself."),
            ),
            models.UniqueConstraint(
                fields=["path"],
                name="categories_category_path_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def name_in(self, locale: str = "") -> str:
        """The name that a user with this content locale reads."""
        return shown_name(self.key, self.name, locale)

    @property
    def paths_above(self) -> list[str]:
        """The paths of the ancestors, root first."""
        return [self.path[:end] for end in range(self.steplen, len(self.path), self.steplen)]


class CategoryStore(models.Model):
    """A category is shown in a store. History holds the links in the state of their category."""

    category = models.ForeignKey(
        Category, models.CASCADE, related_name="store_links", verbose_name=_("category")
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="category_links", verbose_name=_("store"))

    class Meta:
        default_permissions = ()
        verbose_name = _("store of a category")
        verbose_name_plural = _("stores of the category")
        ordering = ("store__name",)
        constraints = [UniqueRule(fields=["category", "store"], name="categories_categorystore_once")]

    def __str__(self) -> str:
        return f"{self.category} {self.store}"


class CategoryTemplate(Record):
    """A page template a shop knows. Categories name one; a name that is not here is kept and told."""

    name = models.CharField(_("name"), max_length=255)
    path = models.CharField(_("path"), max_length=255, blank=True, default="")

    class Meta:
        default_permissions = ()
        verbose_name = _("category template")
        verbose_name_plural = _("category templates")
        ordering = ("name",)
        constraints = [
            UniqueRule(
                fields=["name"],
                name="categories_categorytemplate_name_unique",
                column="name",
                code="taken",
                message=_("This template exists already."),
            ),
            CheckRule(
                condition=~models.Q(name=""),
                name="categories_categorytemplate_name_given",
                column="name",
                code="required",
                message=_("A template needs a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryGroupGrant(GroupObjectPermissionBase):
    """A role limited to categories may use this one, and what lies below it when ``with_below`` says so."""

    content_object = models.ForeignKey(Category, models.CASCADE)
    with_below = models.BooleanField(default=True)

    class Meta(GroupObjectPermissionBase.Meta):
        default_permissions = ()
        verbose_name = _("role limited to a category")
        verbose_name_plural = _("roles limited to the category")


class CategoryUserGrant(UserObjectPermissionBase):
    """The same for one user."""

    content_object = models.ForeignKey(Category, models.CASCADE)
    with_below = models.BooleanField(default=True)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()
        verbose_name = _("user limited to a category")
        verbose_name_plural = _("users limited to the category")
