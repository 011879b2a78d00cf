"""Adding, changing and viewing a record: all tabs are validated, all or none saved, in one change set."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.form_page import FormPage, record_head
from backoffice.console.lists import ListPage
from backoffice.console.rescue import rescued
from backoffice.history import putting
from backoffice.history.models import Change
from backoffice.history.recording import Recorder, recording

ONCE = "saved_once"


def add(request: HttpRequest, screen: Any) -> HttpResponse:
    """The page that creates a record."""
    title = screen.add_title(request)
    if request.method not in {"POST", "GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.method != "POST":
        return FormPage(request, screen, None, data=rescued(request)).response(title)
    done = request.session.get(ONCE, {}).get(request.POST.get("_once", ""))
    if done:
        return redirect(screen.url("view", pk=done))
    page = FormPage(request, screen, None, data=request.POST)
    with recording("save", screen=screen.name, note=request.POST.get("_note", "")) as recorder:
        if not page.is_valid() or not _write(page, recorder):
            return page.response(title)
        recorder.added(page.record, screen.state(page.record))
    request.session[ONCE] = {
        **dict(list(request.session.get(ONCE, {}).items())[-20:]),
        page.once: page.record.pk,
    }
    _tell(request, page, _("%(name)s was created."), recorder)
    following = screen.after_add(request, page.record)
    return redirect(following) if following and "_save" in request.POST else _onward(request, page)


def change(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """The page that changes a record."""
    if request.method not in {"POST", "GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.method != "POST":
        record = screen.record_or_404(request, pk, screen.change_right)
        return _reopened(request, screen, record) or FormPage(request, screen, record).response(
            screen.title_of(request, record)
        )
    with recording("save", screen=screen.name, note=request.POST.get("_note", "")) as recorder:
        try:
            record = screen.record_or_404(request, pk, screen.change_right, lock=True)
        except Http404:
            return _deleted_meanwhile(request, screen, pk)
        title, before = screen.title_of(request, record), screen.state(record)
        page = FormPage(request, screen, record, data=request.POST)
        if not page.is_valid():
            page.reopen(request.POST)
            return page.response(title)
        kept = page.reconcile()
        if page.conflicts:
            return page.response(title, status=409)
        if page.problems:
            # What was chosen of the others' values does not fit what was typed.
            page.reopen(request.POST)
            return page.response(title)
        if not page.has_changed() and not kept:
            messages.info(request, _("Nothing changed."))
            return _onward(request, page)
        record.version = page.version + 1
        if not _write(page, recorder):
            return page.response(title)
        recorder.changed(page.record, before, screen.state(page.record))
        if not recorder.has_changes:
            transaction.set_rollback(True)
            messages.info(request, _("Nothing changed."))
            return _onward(request, page)
    _tell(request, page, _("%(name)s was saved."), recorder, kept)
    return _onward(request, page)


def _reopened(request: HttpRequest, screen: Any, record: Any) -> HttpResponse | None:
    """The form as it was typed before the session ended, with the version it was opened with."""
    data = rescued(request)
    if data is None:
        return None
    page = FormPage(request, screen, record, data=data)
    page.reopen(data)
    return page.response(screen.title_of(request, record))


def _write(page: FormPage, recorder: Any) -> bool:
    """Save form and tabs. A rule that only the database could see becomes a sentence on the form."""
    try:
        with transaction.atomic():
            page.record = page.screen.save(page.request, page.form, recorder)
            for tab in page.tabs:
                tab.save(page.record, recorder)
    except IntegrityError as problem:
        name = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", "")
        rules = {rule.name: rule for rule in page.screen.model._meta.constraints}
        if name not in rules:
            raise
        page.form.add_error(None, str(rules[name].get_violation_error_message()))
        return False
    return True


def _tell(
    request: HttpRequest, page: FormPage, sentence: str, recorder: Recorder, kept: list[str] | None = None
) -> None:
    title, key = page.screen.title_of(request, page.record), page.screen.key_of(page.record)
    link = format_html(
        '<a href="{}">{}</a>',
        page.screen.url("view", pk=page.record.pk),
        # Variants of a product share its name: only the key tells which one it was.
        f"{title} ({key})" if key and key not in title else title,
    )
    messages.success(request, undoable(format_html(sentence.replace("%(name)s", "{}"), link), recorder))
    for name, field in page.form.fields.items():
        removed = getattr(field, "removed", ())
        if removed and name in page.form.changed_data:
            text = _("%(field)s: taken out, because a text may not hold it: %(what)s")
            what = ", ".join(each[:60] for each in removed[:10])
            messages.warning(request, text % {"field": field.label, "what": what})
    if kept:
        text = _("Somebody else saved this meanwhile. Kept as they saved it:")
        messages.info(
            request, format_html("{} {}", text, format_html_join("; ", "{}", ((line,) for line in kept)))
        )


def undoable(sentence: str, recorder: Recorder) -> str:
    """A message about what was written, with the way to undo it."""
    label = recorder.change_set.screen
    if putting.why_not(label):
        return sentence
    url = reverse("admin:history_changeset_undo", kwargs={"pk": recorder.change_set.pk})
    return format_html('{} <a href="{}">{}</a>', sentence, url, _("Undo"))


def _onward(request: HttpRequest, page: FormPage) -> HttpResponse:
    """Back to the list, stay, or on to the next row of the list."""
    tail = "?" + urlencode({"list": page.back_query}) if page.back_query else ""
    may_change = page.screen.may(request, page.screen.change_right)
    pages_of_record = page.screen.change_page if may_change else "view"
    if "_stay" in request.POST:
        return redirect(page.screen.url(pages_of_record, pk=page.record.pk) + tail + _open_tab(request))
    if "_next" in request.POST:
        listed = request.GET
        request.GET = QueryDict(page.back_query)
        following = ListPage(request, page.screen).after(page.record)
        request.GET = listed
        if following is not None:
            return redirect(page.screen.url(pages_of_record, pk=following.pk) + tail)
        messages.info(request, _("This was the last row of the list."))
        return redirect(page.back_url)
    following = page.screen.after_change(request, page.record)
    return redirect(following + tail if following else page.back_url)


def _open_tab(request: HttpRequest) -> str:
    tab = request.POST.get("_tab", "")
    return f"#{tab}" if tab.replace("-", "").replace("_", "").isalnum() else ""


def _deleted_meanwhile(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """The record went while the form was open: say so, keep what was typed, offer to create it again."""
    gone = (
        Change.objects.filter(object_type=screen.name, object_id=pk, action=Change.Action.DELETE)
        .select_related("change_set")
        .last()
    )
    if gone is None or not screen.has_add_permission(request):
        raise Http404
    page = FormPage(request, screen, None, data=request.POST)
    page.form.is_valid()
    return page.response(gone.label, gone=gone, form_url=screen.url("add"))


def show(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """The read-only page of a record."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET"])
    record = screen.record_or_404(request, pk)
    tabs = screen.form_tabs(request, record)
    facts = [(tab, screen.facts(request, record, tab)) for tab in tabs if tab.fields]
    query = urlencode(parse_qsl(request.GET.get("list", "")))
    back_url = screen.list_url + (f"?{query}" if query else "")
    return screen.page(
        request,
        screen.view_template,
        title=screen.title_of(request, record),
        crumbs=[(capfirst(str(screen.tab_label)), back_url)],
        main_class="is-form",
        record=record,
        facts=facts,
        head=record_head(request, screen, record, "view"),
    )
