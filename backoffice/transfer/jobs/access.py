"""Who may import and export what. The rights are those of the format's screen; jobs belong to their owners."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.rights import OwnRows, Right
from backoffice.console.site import site
from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.models import Job

NAME = gettext_lazy("imports and exports")


def may_import(user: Any) -> bool:
    return any(resource.right("import").held_by(user) for resource in formats.resources())


def may_export(user: Any) -> bool:
    return bool(exportable(user))


def may_transfer(user: Any) -> bool:
    return may_import(user) or may_export(user) or sees_all(user) or may_change_many(user)


def may_change_many(user: Any) -> bool:
    """Whether a deed over many rows, which a job runs when they are very many, is open to the user."""
    return any(
        screen.right(deed.right).held_by(user) for screen in site._registry.values() for deed in screen.bulk
    )


def sees_all(user: Any) -> bool:
    """Whether the user sees the jobs of other people."""
    return Right(Job, "view").held_by(user)


def importable(user: Any) -> list[FileResource]:
    return [resource for resource in formats.resources() if resource.right("import").held_by(user)]


def exportable(user: Any) -> list[FileResource]:
    """Export needs *view* and *export*."""
    return [
        resource
        for resource in formats.resources()
        if resource.right("export").held_by(user) and resource.right("view").held_by(user)
    ]


VIEW = OwnRows(NAME, may_transfer)
IMPORT = OwnRows(
    NAME, may_import, "import", lambda: [resource.right("import") for resource in formats.resources()]
)
EXPORT = OwnRows(
    NAME, may_export, "export", lambda: [resource.right("export") for resource in formats.resources()]
)


def list_links(request: HttpRequest, screen: Any) -> list[tuple[Any, str, str]]:
    """Import and Export in the head of every list that has files; the export takes the list's filter along."""
    named = [resource for name in screen.files if (resource := formats.resource_of(name))]
    links = []
    if any(resource in importable(request.user) for resource in named):
        query = urlencode({"format": named[0].file})
        links.append((_("Import"), f"{reverse('admin:transfer_job_upload')}?{query}", "upload"))
    if any(resource in exportable(request.user) for resource in named):
        query = urlencode({"format": named[0].file, "screen": screen.name, "list": request.GET.urlencode()})
        links.append((_("Export"), f"{reverse('admin:transfer_job_export')}?{query}", "download"))
    return links
