from django.apps import AppConfig


class ScopedConfig(AppConfig):
    name = "tests.scoped"
    label = "scoped"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backoffice.accounts import scopes
        from tests.scoped.models import Hall, HallGroupGrant, HallUserGrant, Shelf

        kind = scopes.register(scopes.ScopeKind("hall", "Halls", Hall, HallGroupGrant, HallUserGrant))
        kind.limits(Hall, "pk")
        kind.limits(Shelf, "hall")
