"""Addresses: generated and custom paths, renames, redirects, clashes, undo and races (products 18)."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from backoffice.history.screens.access import gate_for
from catalog.packaging.models import PackagingType
from catalog.urls import owners, planning, slugs
from catalog.urls.claims import Claim, Outcome, check, claim, foresee, free
from catalog.urls.models import Url
from catalog.urls.resolving import addresses, resolve
from tests import make

PAGE = "packagingtype"


def kind(served=frozenset(range(1, 1_000_000))) -> owners.Kind:
    return owners.Kind(
        PAGE,
        PackagingType,
        named=lambda ids: {pk: owners.Owner(f"packaging type {pk}", f"/packaging/{pk}/") for pk in ids},
        served=lambda ids: set(ids) & served,
    )


@pytest.fixture(autouse=True)
def pages(monkeypatch):
    monkeypatch.setitem(owners._kinds, PAGE, kind())


def claimed(*claims: Claim, **options) -> Outcome:
    with recording("save", screen="packaging.packagingtype") as recorder:
        return claim(PAGE, claims, recorder, **options)


def named(pk: int, name: str, *, typed: str = "", locale: str = "en_US", active: bool = True) -> Claim:
    return Claim(pk, locale, slugs.generated(locale, name, pk), typed, leaves_redirect=active)


def table() -> list[tuple]:
    """Every row: path, locale, owner, and where a redirect leads."""
    rows = Url.objects.select_related("target").order_by("path", "locale")
    return [(u.path, u.locale, u.owner_id, u.target.path if u.target else "") for u in rows]


def refusals(outcome: Outcome) -> list[tuple[int, str]]:
    return [(refusal.claim.owner_id, refusal.code) for refusal in outcome.refused]


# --- spelling ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Screwdriver set, 6 pieces", "screwdriver-set-6-pieces"),
        ("Bandmaß", "bandmass"),
        ("Höhenverstellbarer Schreibtisch", "hoehenverstellbarer-schreibtisch"),
        ("Ho\u0308he", "hoehe"),
        ("Kupferleitung 3 x 1,5", "kupferleitung-3-x-1-5"),
        ("Café & crème  -- déjà vu", "cafe-creme-deja-vu"),
        ("Лампа дуга", "лампа-дуга"),
        ("snake_case ½", "snake-case-1-2"),
        ("!!!", ""),
    ],
)
def test_a_slug_is_made_of_letters_and_digits(name: str, slug: str):
    assert slugs.slug(name) == slug


def test_a_generated_path_has_language_slug_and_id():
    assert slugs.generated("en_US", "Lamp Arc", 17) == "/en/lamp-arc-17"
    assert slugs.generated("de_AT", "???", 17) == "/de/17"


def test_by_setting_the_path_begins_with_the_whole_locale(settings):
    settings.URLS_WITH_FULL_LOCALE = True
    assert slugs.generated("en_US", "Lamp Arc", 17) == "/en-us/lamp-arc-17"


def test_a_generated_path_keeps_its_id_however_long_the_name():
    path = slugs.generated("en_US", "lamp " * 100, 1234567)
    assert len(path) <= 255
    assert path.endswith("-lam-1234567")


def test_a_category_path_is_made_of_the_names_below_the_root():
    names = ["Power Tools", "Drills / Drivers", "Überall"]
    assert slugs.nested("de_DE", names) == "/de/power-tools/drills-drivers/überall"


# --- claiming ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_generated_path_is_claimed_and_resolved_without_regard_to_case_and_query():
    claimed(named(17, "Lamp Arc"))
    found = resolve("/EN/Lamp-Arc-17?utm=mail")
    assert (found.owner_type, found.owner_id, found.path, found.redirect_to, found.is_served) == (
        PAGE,
        17,
        "/en/lamp-arc-17",
        "",
        True,
    )
    assert resolve("/en/lamp-arc-18") is None


@pytest.mark.django_db
def test_the_same_claim_again_writes_nothing():
    claimed(named(17, "Lamp Arc"))
    sets = ChangeSet.objects.count()
    outcome = claimed(named(17, "Lamp Arc"))
    assert list(outcome.written) == []
    assert ChangeSet.objects.count() == sets
    assert Url.objects.get().version == 1


@pytest.mark.django_db
def test_a_rename_leaves_a_redirect_and_renaming_back_removes_it():
    claimed(named(17, "Lamp Arc"))
    claimed(named(17, "Lamp Curve"))
    assert table() == [
        ("/en/lamp-arc-17", "en_US", None, "/en/lamp-curve-17"),
        ("/en/lamp-curve-17", "en_US", 17, ""),
    ]
    assert resolve("/en/lamp-arc-17").redirect_to == "/en/lamp-curve-17"
    claimed(named(17, "Lamp Arc"))
    assert table() == [
        ("/en/lamp-arc-17", "en_US", 17, ""),
        ("/en/lamp-curve-17", "en_US", None, "/en/lamp-arc-17"),
    ]


@pytest.mark.django_db
def test_redirects_never_form_a_chain():
    for name in ("Lamp A", "Lamp B", "Lamp C"):
        claimed(named(17, name))
    assert [resolve(f"/en/lamp-{sign}-17").redirect_to for sign in "abc"] == [
        "/en/lamp-c-17",
        "/en/lamp-c-17",
        "",
    ]


@pytest.mark.django_db
def test_what_was_never_active_leaves_no_redirect():
    claimed(named(17, "Lamp Arc"))
    claimed(named(17, "Lamp Curve", active=False))
    assert table() == [("/en/lamp-curve-17", "en_US", 17, "")]


@pytest.mark.django_db
def test_a_change_of_case_leaves_no_redirect():
    claimed(named(17, "Lamp", typed="/en/our-arc"))
    claimed(named(17, "Lamp", typed="/en/Our-Arc"))
    assert table() == [("/en/Our-Arc", "en_US", 17, "")]


@pytest.mark.django_db
def test_a_custom_path_survives_renames_until_it_is_reset():
    claimed(named(17, "Lamp Arc", typed="/en/our-arc"))
    claimed(named(17, "Lamp Curve"))
    assert table() == [("/en/our-arc", "en_US", 17, "")]
    assert Url.objects.get().is_custom is True
    claimed(named(17, "Lamp Curve", typed="/en/lamp-curve-17"))
    assert [(u.path, u.is_custom) for u in Url.objects.pages()] == [("/en/lamp-curve-17", False)]


@pytest.mark.django_db
def test_a_custom_path_that_becomes_the_generated_one_follows_the_name_again():
    claimed(named(17, "Lamp", typed="/en/lamp-curve-17"))
    claimed(named(17, "Lamp Curve"))
    assert Url.objects.get().is_custom is False
    claimed(named(17, "Lamp Bow"))
    assert Url.objects.pages().get().path == "/en/lamp-bow-17"


@pytest.mark.django_db
def test_a_clash_names_the_owner_and_changes_nothing():
    claimed(named(17, "Lamp", typed="/en/garden-tools"))
    before = table()
    outcome = claimed(named(18, "Tools", typed="/en/Garden-Tools"))
    assert refusals(outcome) == [(18, "taken")]
    assert outcome.refused[0].message == "The address /en/Garden-Tools belongs to packaging type 17 already."
    assert outcome.refused[0].holder.link == "/packaging/17/"
    assert table() == before


@pytest.mark.django_db
def test_the_same_path_in_two_locales_belongs_to_one_owner():
    claimed(named(17, "Lampe", locale="de_DE"), named(17, "Lampe", locale="de_AT"))
    assert table() == [("/de/lampe-17", "de_AT", 17, ""), ("/de/lampe-17", "de_DE", 17, "")]
    outcome = claimed(named(18, "Lampe", typed="/de/lampe-17", locale="de_CH"))
    assert refusals(outcome) == [(18, "taken")]


@pytest.mark.django_db
def test_distinct_refuses_one_typed_path_in_two_locales():
    claims = [named(17, "x", typed="/en/start"), named(17, "x", typed="/en/start", locale="en_GB")]
    outcome = claimed(*claims, distinct=True)
    assert refusals(outcome) == [(17, "conflict")]
    assert table() == [("/en/start", "en_US", 17, "")]


@pytest.mark.django_db
def test_renaming_in_one_of_two_locales_redirects_there_only():
    claimed(named(17, "Lampe", locale="de_DE"), named(17, "Lampe", locale="de_AT"))
    claimed(named(17, "Leuchte", locale="de_AT"))
    assert resolve("/de/lampe-17", "de_AT").redirect_to == "/de/leuchte-17"
    assert resolve("/de/lampe-17", "de_DE").redirect_to == ""
    assert resolve("/de/lampe-17").redirect_to == ""


@pytest.mark.django_db
def test_an_old_redirect_of_another_owner_gives_way_and_is_reported():
    claimed(named(17, "Lamp", typed="/en/lamp"))
    claimed(named(17, "Lamp", typed="/en/arc"))
    outcome = claimed(named(18, "Other lamp", typed="/en/lamp"))
    assert outcome.notes == ["The old redirect /en/lamp was removed; the address belongs to this page."]
    assert table() == [("/en/arc", "en_US", 17, ""), ("/en/lamp", "en_US", 18, "")]


@pytest.mark.django_db
def test_two_owners_swap_their_paths_in_one_batch_through_a_third():
    claimed(named(1, "a", typed="/en/a"), named(2, "b", typed="/en/b"))
    outcome = claimed(named(1, "a", typed="/en/b"), named(2, "b", typed="/en/c"))
    assert refusals(outcome) == []
    assert table() == [
        ("/en/a", "en_US", None, "/en/b"),
        ("/en/b", "en_US", 1, ""),
        ("/en/c", "en_US", 2, ""),
    ]


@pytest.mark.django_db
def test_two_new_owners_cannot_take_one_path():
    refused = check(PAGE, [Claim(-1, "en_US", typed="/en/start"), Claim(-2, "en_US", typed="/en/START")])
    assert [(each.claim.owner_id, each.code) for each in refused] == [(-2, "taken")]
    assert refused[0].message == "The address /en/START is wanted twice."
    assert Url.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("lamp", "bad_url"),
        ("//evil.example", "bad_url"),
        ("/en/a b", "bad_url"),
        ("/en\\a", "bad_url"),
        ("/en/a\x07", "bad_url"),
        ("/", "bad_url"),
        ("/de/../x", "bad_url"),
        ("/de/./x", "bad_url"),
        ("/..", "bad_url"),
        ("/de/%2e%2E", "bad_url"),
        ("/de/.%2e/x", "bad_url"),
        ("/de/..%2fx", "bad_url"),
        ("/de/a%00", "bad_url"),
        ("/de/foo?x=1#h", "bad_url"),
        ("/de/foo#h", "bad_url"),
        ("/de/<script>", "bad_url"),
        ('/de/"x"', "bad_url"),
        ("/en/" + "a" * 252, "too_long"),
    ],
)
@pytest.mark.django_db
def test_a_bad_path_is_refused(path: str, code: str):
    assert [each.code for each in check(PAGE, [Claim(-1, "en_US", typed=path)])] == [code]


@pytest.mark.parametrize("path", ["/en/a.b", "/en/...", "/en/100%-wool", "/en/%C3%BC", "/en/höhe", "/lamp/"])
@pytest.mark.django_db
def test_a_path_with_dots_and_percent_signs_within_its_parts_is_accepted(path: str):
    assert check(PAGE, [Claim(-1, "en_US", typed=path)]) == []


def test_the_path_of_a_category_keeps_the_rule_whatever_its_name():
    path = slugs.nested("en_US", ["What?", "<New> #1", "..", "%2e%2e", 'Size "L"'])
    assert (path, slugs.is_path(path)) == ("/en/what/new-1/size-l", True)


@pytest.mark.django_db
def test_the_database_refuses_what_no_verb_writes():
    for fields in (
        {"path": "/x", "locale": "en_US"},
        {"path": "//x", "locale": "en_US", "owner_type": PAGE, "owner_id": 1},
        {"path": "/x", "locale": "english"[:5], "owner_type": PAGE, "owner_id": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Url.objects.bulk_create([Url(**fields)])
    Url.objects.bulk_create([Url(path="/x", locale="en_US", owner_type=PAGE, owner_id=1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Url.objects.bulk_create([Url(path="/X", locale="en_US", owner_type=PAGE, owner_id=2)])


@pytest.mark.django_db
def test_a_page_of_an_inactive_owner_is_not_served_but_stays_reserved(monkeypatch):
    claimed(named(17, "Lamp", typed="/en/lamp"))
    monkeypatch.setitem(owners._kinds, PAGE, kind(served=frozenset()))
    assert resolve("/en/lamp").is_served is False
    assert refusals(claimed(named(18, "Lamp", typed="/en/lamp"))) == [(18, "taken")]


@pytest.mark.django_db
def test_freed_addresses_go_with_their_redirects_and_can_be_claimed():
    claimed(named(17, "Lamp A"), named(17, "Lampe A", locale="de_DE"))
    claimed(named(17, "Lamp B"))
    with recording("save") as recorder:
        assert free(PAGE, [17], recorder) == 2
    assert table() == []
    assert Change.objects.filter(action="delete", parent_id=17).count() == 3
    assert refusals(claimed(named(18, "x", typed="/en/lamp-a-17"))) == []


@pytest.mark.django_db
def test_one_claim_and_two_hundred_cost_the_same_queries():
    def cost(ids: range, name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            claimed(*[named(pk, name) for pk in ids])
        return len(queries)

    assert cost(range(1, 2), "Lamp") == cost(range(1000, 1200), "Lamp")
    assert cost(range(1, 2), "Arc") == cost(range(1000, 1200), "Arc")
    with CaptureQueriesContext(connection) as queries:
        addresses(PAGE, range(1000, 1200))
    assert len(queries) == 1


@pytest.mark.django_db
def test_many_addresses_are_copied_renamed_and_undone_like_few():
    ids = range(1, 602)
    claimed(*[named(pk, "Lamp \\ Arc") for pk in ids])
    claimed(*[named(pk, "Lamp Curve") for pk in ids])
    assert Url.objects.pages().filter(path__startswith="/en/lamp-curve-", is_first=True).count() == 601
    assert resolve("/en/lamp-arc-601").redirect_to == "/en/lamp-curve-601"
    assert Change.objects.filter(parent_type="packaging.packagingtype", parent_id=601).count() == 3
    report = undo(ChangeSet.objects.latest("pk"))
    assert +report.counts == {"restored": 1202}
    assert Url.objects.filter(path__startswith="/en/lamp-arc-", is_first=True).count() == 601
    assert Url.objects.count() == 601


# --- history -------------------------------------------------------------------------------------


def undo(change_set: ChangeSet) -> undoing.Report:
    user = make.superuser()
    with acting(user):
        return undoing.undo(change_set, gate_for(change_set, user))[0]


@pytest.mark.django_db
def test_history_tells_of_addresses_with_their_owner():
    claimed(named(17, "Lamp Arc"))
    claimed(named(17, "Lamp Curve"))
    told = list(Change.objects.order_by("pk").values_list("action", "label", "parent_type", "parent_id"))
    parent = ("packaging.packagingtype", 17)
    assert told == [
        ("add", "/en/lamp-arc-17 (en_US)", *parent),
        ("change", "/en/lamp-curve-17 (en_US)", *parent),
        ("add", "/en/lamp-arc-17 (en_US)", *parent),
    ]


@pytest.mark.django_db
def test_undo_of_a_rename_brings_the_path_back_and_takes_the_redirect_away():
    claimed(named(17, "Lamp Arc"))
    claimed(named(17, "Lamp Curve"))
    report = undo(ChangeSet.objects.latest("pk"))
    assert +report.counts == {"restored": 2}
    assert table() == [("/en/lamp-arc-17", "en_US", 17, "")]
    assert Url.objects.get().is_first is True
    assert resolve("/EN/lamp-arc-17").owner_id == 17


@pytest.mark.django_db
def test_undo_leaves_a_path_that_somebody_else_has_meanwhile():
    claimed(named(17, "Lamp", typed="/en/lamp"))
    claimed(named(17, "Lamp", typed="/en/arc", active=False))
    moved = ChangeSet.objects.latest("pk")
    claimed(named(18, "Lamp", typed="/en/lamp", locale="en_GB"))
    report = undo(moved)
    assert +report.counts == {"cannot": 1}
    assert report.lines["cannot"][0].reason == "Another page has the address /en/lamp."
    assert resolve("/en/lamp").owner_id == 18


# --- races ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("locales", [("en_US", "en_US"), ("en_US", "en_GB")])
def test_of_two_who_claim_one_path_at_once_one_is_refused(live_database, locales):
    met, outcomes = threading.Barrier(2), []

    def go(pk: int, locale: str) -> None:
        try:
            with recording("save") as recorder:
                Url.objects.count()
                met.wait(10)
                outcome = claim(PAGE, [Claim(pk, locale, typed="/en/start")], recorder)
            outcomes.append([refusal.code for refusal in outcome.refused])
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=pair) for pair in zip((17, 18), locales, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == [[], ["taken"]]
    assert Url.objects.count() == 1


def test_a_glance_at_many_claims_loads_no_address_and_agrees_with_the_plan(db):
    claimed(Claim(1, "en_US", "/en/a"), Claim(2, "en_US", "/en/b"))
    for claims, is_clear in (
        ([Claim(1, "en_US", "/en/c"), Claim(2, "en_US", "/en/d")], True),
        ([Claim(1, "en_US", "/en/a")], True),
        ([Claim(1, "en_US", "/en/c"), Claim(2, "de_DE", "/EN/c")], False),
        ([Claim(1, "en_US", "/en/B")], False),
        ([Claim(1, "en_US", typed="nowhere")], False),
        ([Claim(1, "en_US", "/" + "a" * 255)], False),
    ):
        assert planning.is_clear(PAGE, claims) == is_clear
        assert (list(foresee(PAGE, claims).refused) == []) == is_clear
