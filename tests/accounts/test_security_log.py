"""The security log: what is written, how, and that nobody can change it (users-and-roles 10.1, 10.2)."""

import csv
import json
import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from backoffice.accounts import security
from backoffice.accounts.models import SecurityEvent
from backoffice.actor import acting
from tests import make

pytestmark = pytest.mark.django_db


def test_a_line_names_actor_address_browser_and_request():
    user = make.user("mia@example.org", first_name="Mia", last_name="Berg")
    with acting(user, request_id="r1", address="192.0.2.7", browser="Firefox"):
        event = security.log("export", object="products", rows=12)
    event.refresh_from_db()
    assert (event.actor, event.actor_name) == (user, "Mia Berg <mia@example.org>")
    assert (event.address, event.browser, event.request_id) == ("192.0.2.7", "Firefox", "r1")
    assert (event.action, event.object, event.result, event.details) == (
        "export",
        "products",
        "ok",
        {"rows": 12},
    )


def test_secrets_are_masked_by_their_name_at_any_depth():
    event = security.log(
        "x",
        password="a",
        new_password1="b",
        api_key="c",
        nested={"token": "d", "plain": "e"},
        items=[{"secret": "f"}],
        code="123456",
        address_line="/x/?token=g&y=1",
        empty={"password": ""},
        codename="view_label",
    )
    assert event.details == {
        "password": "•••",
        "new_password1": "•••",
        "api_key": "•••",
        "nested": {"token": "•••", "plain": "e"},
        "items": [{"secret": "•••"}],
        "code": "•••",
        "address_line": "/x/?token=•••&y=1",
        "empty": {"password": ""},
        "codename": "view_label",
    }


def test_line_breaks_and_control_characters_are_escaped():
    event = security.log("x", object="a\nb\x00c\x1b[31m\u202e\u2028", value="q\r\n\ud800")
    event.refresh_from_db()
    assert event.object == r"a\u000ab\u0000c\u001b[31m\u202e\u2028"
    assert event.details == {"value": r"q\u000d\u000a\ud800"}


def test_values_over_two_thousand_characters_are_cut():
    event = security.log("x", object="o" * 500, long="y" * 2001, fits="z" * 2000)
    event.refresh_from_db()
    assert len(event.object) == 300
    assert event.details == {"long": "y" * 1999 + "…", "fits": "z" * 2000}


def test_every_line_is_also_a_line_of_json(caplog):
    logger = logging.getLogger("security")
    logger.addHandler(caplog.handler)
    try:
        security.log("sign_in", object="mia@example.org", result="failed", reason="none")
    finally:
        logger.removeHandler(caplog.handler)
    line = json.loads(caplog.messages[-1])
    assert (line["action"], line["object"], line["result"]) == ("sign_in", "mia@example.org", "failed")
    assert line["details"] == {"reason": "none"}
    assert "\n" not in caplog.messages[-1]


@pytest.mark.sql
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_securityevent SET object = 'x'",
        "UPDATE accounts_securityevent SET object = 'x' WHERE id = -1",
        "DELETE FROM accounts_securityevent",
        "DELETE FROM accounts_securityevent /* accounts_purge_security_log(integer) */",
        "TRUNCATE accounts_securityevent",
        "DO $$ BEGIN DELETE FROM accounts_securityevent; END $$",
    ],
)
def test_no_statement_changes_the_log(statement):
    security.log("x")
    before = SecurityEvent.objects.count()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert SecurityEvent.objects.count() == before


def test_the_orm_cannot_change_the_log_either():
    event = security.log("x")
    event.object = "y"
    for deed in (event.save, event.delete, SecurityEvent.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            deed()


def aged(days: int) -> SecurityEvent:
    event = security.log("old")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_securityevent DISABLE TRIGGER USER")
        SecurityEvent.objects.filter(pk=event.pk).update(at=timezone.now() - timedelta(days=days))
        cursor.execute("ALTER TABLE accounts_securityevent ENABLE TRIGGER USER")
    return event


@pytest.mark.sql
def test_the_purge_removes_expired_lines_only(capsys):
    old, young = aged(401), aged(399)
    call_command("purge_security_log")
    left = set(SecurityEvent.objects.values_list("pk", flat=True))
    assert old.pk not in left
    assert young.pk in left
    assert "1 lines older than 400 days removed." in capsys.readouterr().out


def test_the_purge_refuses_fewer_than_thirty_days():
    with pytest.raises(CommandError, match="at least 30 days"):
        call_command("purge_security_log", days=29)
    with pytest.raises(DatabaseError, match="keeps at least 30 days"), transaction.atomic():
        security.purge(29)
    with pytest.raises(DatabaseError, match="keeps at least 30 days"), transaction.atomic():
        security.purge(-1)


def test_every_refusal_is_logged(client):
    user = make.user(roles=["Customer Service"])
    client.force_login(user)
    assert client.get("/accounts/user/?q=1").status_code == 403
    event = SecurityEvent.objects.get(action="access")
    assert (event.actor, event.object, event.result) == (user, "/accounts/user/", "refused")
    assert event.details == {"method": "GET", "screen": "users", "right": "view"}


@pytest.mark.parametrize(("who", "status"), [("Auditor", 200), ("Category Manager", 403), ("superuser", 200)])
def test_the_screen_is_for_auditors_and_superusers(client, who, status):
    client.force_login(make.superuser() if who == "superuser" else make.user(roles=[who]))
    assert client.get("/accounts/securityevent/").status_code == status
    assert client.get("/accounts/securityevent/export/").status_code == status
    assert client.get(f"/accounts/securityevent/{security.log('x').pk}/").status_code == status


def listed(client, query: str) -> list[str]:
    response = client.get(f"/accounts/securityevent/?{query}")
    return [event.object for event in response.context["list"].page.rows]


def test_the_list_is_filtered_by_actor_action_result_address_and_searched_by_object(client):
    with acting(make.user("ana@example.org"), address="192.0.2.1"):
        security.log("export", object="first thing")
    with acting(make.user("ben@example.org"), address="198.51.100.2"):
        security.log("sign_in", object="Second Thing", result="failed")
    client.force_login(make.superuser())
    assert listed(client, "actor=ana") == ["first thing"]
    assert listed(client, "action=export") == ["first thing"]
    assert listed(client, "result=failed") == ["Second Thing"]
    assert listed(client, "address=198.51") == ["Second Thing"]
    assert listed(client, "q=second+thing") == ["Second Thing"]
    assert listed(client, "at_from=2999-01-01") == []


def test_the_export_is_safe_for_spreadsheets_and_keeps_to_the_filters(client):
    security.log("export", object='=HYPERLINK("http://evil")')
    security.log("sign_in", object="kept out")
    client.force_login(make.superuser())
    response = client.get("/accounts/securityevent/export/?as=csv&action=export")
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))
    assert response["Content-Disposition"] == 'attachment; filename="security-log.csv"'
    assert {row["object"] for row in rows} == {"accounts.securityevent", '\'=HYPERLINK("http://evil")'}
    assert SecurityEvent.objects.filter(action="export", object="accounts.securityevent").count() == 1


def test_the_export_as_json_lines_holds_the_details(client):
    security.log("role_rights", object="Clerk", added=["a.b"])
    client.force_login(make.superuser())
    response = client.get("/accounts/securityevent/export/?as=jsonl&action=role_rights")
    lines = [json.loads(line) for line in b"".join(response.streaming_content).decode().splitlines()]
    assert [(line["object"], line["details"]) for line in lines] == [("Clerk", {"added": ["a.b"]})]
