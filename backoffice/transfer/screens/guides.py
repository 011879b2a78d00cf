"""What helps to write a file: its template, its sample, and the guide that explains its columns."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.spreadsheets import guarded
from backoffice.texts import content_locales
from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting import guides, templates
from backoffice.transfer.exporting.reports import csv_line
from backoffice.transfer.exporting.sheets import Cell, Sheet, temporary_sheets
from backoffice.transfer.exporting.streams import CSV, XLSX
from backoffice.transfer.jobs import access
from backoffice.transfer.screens.downloads import attachment, workbook

_WIDTHS = (28, 16, 60, 48, 28, 32, 28)


class Download(NamedTuple):
    """A file to begin with, as CSV and as a workbook."""

    label: str
    csv: str
    xlsx: str


class Guides:
    """The addresses of the jobs screen that explain a format."""

    def guide_view(self, request: HttpRequest) -> HttpResponse:
        """The columns of one format; without one the list of all that may be imported."""
        offered = access.importable(request.user)
        crumbs = [(_("Imports and exports"), self.list_url), (_("Import"), self.url("upload"))]
        resource = formats.resource_of(request.GET.get("format", ""))
        if resource not in offered:
            rows = [(each, self.guide_url(each), self.downloads_of(each)) for each in offered]
            title = _("Templates and column guides")
            return self.page(request, "transfer/guides.html", title=title, crumbs=crumbs, formats=rows)
        known = {each.file: self.guide_url(each) for each in offered if each is not resource}
        columns = [(each, known.get(each.reference, "")) for each in guides.explain(resource)]
        crumbs.append((_("Templates and column guides"), self.url("guide")))
        context = {
            "title": _("Columns of %(file)s") % {"file": f"{resource.file}.csv"},
            "resource": resource,
            "columns": columns,
            "downloads": self.downloads_of(resource),
            "locales": content_locales() if any(each.localized for each in resource.columns) else [],
            "upload_url": f"{self.url('upload')}?{urlencode({'format': resource.file})}",
            "crumbs": crumbs,
        }
        return self.page(request, "transfer/guide.html", **context)

    def guide_url(self, resource: FileResource) -> str:
        return f"{self.url('guide')}?{urlencode({'format': resource.file})}"

    def downloads_of(self, resource: FileResource) -> list[Download]:
        labels = {
            templates.TEMPLATE: _("Template"),
            templates.SAMPLE: _("Sample"),
            templates.GUIDE: _("Guide"),
        }
        if not templates.has_sample(resource):
            del labels[templates.SAMPLE]
        return [
            Download(label, *(self._template_url(resource, what, kind) for kind in (CSV, XLSX)))
            for what, label in labels.items()
        ]

    def _template_url(self, resource: FileResource, what: str, kind: str) -> str:
        return f"{self.url('template')}?{urlencode({'format': resource.file, 'what': what, 'kind': kind})}"

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """An empty file, one with invented rows, or the guide, as CSV or as a workbook."""
        resource = formats.resource_of(request.GET.get("format", ""))
        if resource not in access.importable(request.user):
            return redirect(self.url("upload"))
        what = request.GET.get("what", templates.TEMPLATE)
        rows = rows_of(resource, what)
        name = resource.file if what != templates.GUIDE else f"{resource.file}_columns"
        if request.GET.get("kind") != XLSX:
            return attachment(map(csv_line, rows), f"{name}.csv")
        sheets = [Sheet(_("Columns"), guides.table(resource), _WIDTHS)]
        if what != templates.GUIDE:
            widths = [max(len(title) + 2, 16) for title in rows[0]]
            sheets.insert(0, Sheet(resource.file, rows, widths, templates.text_places(resource)))
        return workbook(temporary_sheets(*sheets), f"{name}.xlsx")


def rows_of(resource: FileResource, what: str) -> list[list[Cell]]:
    """What is written, header first."""
    if what == templates.GUIDE:
        return [[guarded(cell) for cell in row] for row in guides.table(resource)]
    return templates.sample(resource) if what == templates.SAMPLE else [templates.header(resource)]


def links(screen: Any, wanted: str) -> dict[str, Any]:
    """What the upload page offers to somebody who has no file yet."""
    resource = formats.resource_of(wanted)
    url = screen.guide_url(resource) if resource else screen.url("guide")
    return {"guide_url": url, "downloads": screen.downloads_of(resource) if resource else []}
