"""What a batch of claims would do to the table of addresses: read once, decided in memory, written by the caller."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.history.recording import Snapshot, snapshot
from catalog.urls import owners
from catalog.urls.models import Url
from catalog.urls.slugs import LONGEST, RULE, fold, is_path


class Claim(NamedTuple):
    """An owner wants an address in a locale.

    ``generated`` is what the rule of its room makes of its name; empty where the room has none. ``typed`` is what a
    person or a file states; without it a custom address stays and a generated one follows its rule (18.3, 18.5).
    Typing the generated path resets a custom one. ``leaves_redirect`` is false for an owner that was never active.
    """

    owner_id: int
    locale: str
    generated: str = ""
    typed: str = ""
    leaves_redirect: bool = True


class Refusal(NamedTuple):
    """``code`` is that of a row error: ``bad_url``, ``too_long``, ``taken`` or ``conflict``."""

    claim: Claim
    code: str
    message: str
    holder: owners.Owner | None = None


def is_clear(owner_type: str, claims: Iterable[Claim]) -> bool:
    """Whether nothing can be refused, seen at a glance: every path is well-formed and wanted by one owner, and no
    page of another one is there. Two queries that load no address; anything else needs a plan."""
    wanted = {(claim.owner_id, claim.locale): claim for claim in claims}
    ids = {owner for owner, _locale in wanted if owner > 0}
    facts = Url.objects.of(owner_type, ids).values_list("owner_id", "locale", "path", "is_custom")
    held = {(owner, locale): (path, is_custom) for owner, locale, path, is_custom in facts}
    owner_at: dict[str, int] = {}
    for place, claim in wanted.items():
        former, is_custom = held.get(place, ("", False))
        path = claim.typed or (former if former and (is_custom or not claim.generated) else claim.generated)
        if not path:
            continue
        if path != former and (len(path) > LONGEST or not is_path(path)):
            return False
        if owner_at.setdefault(fold(path), claim.owner_id) != claim.owner_id:
            return False
    pages = Url.objects.pages().at(owner_at).values_list("folded", "owner_type", "owner_id")
    return all((owner_type, owner_at[folded]) == (kind, owner) for folded, kind, owner in pages)


class Plan:
    """The rows to remove, change and add. ``robbed`` are the removed redirects that led to other pages."""

    def __init__(
        self, owner_type: str, claims: Iterable[Claim], *, distinct: bool = False, locks: bool = False
    ) -> None:
        self.owner_type, self.distinct = owner_type, distinct
        self.removed: list[Url] = []
        self.robbed: list[Url] = []
        self.changed: list[Url] = []
        self.added: list[Url] = []
        self.before: dict[int, Snapshot] = {}
        self.touched: set[str] = set()
        self._refused: list[tuple[Claim, str, Url | None]] = []
        wanted = list({(claim.owner_id, claim.locale): claim for claim in claims}.values())
        self._load(wanted, locks)
        self._decide([claim for claim in wanted if self._is_well_formed(claim)])
        self.unsettled = self._unsettled()
        self.refused: Sequence[Refusal] = self._worded()

    def _unsettled(self) -> set[str]:
        """The paths of which the database has to say which row is the first; of a path with a single row it is told
        here."""
        left = set()
        for folded in self.touched:
            rows = list(self.at.get(folded, {}).values())
            if len(rows) == 1 and (rows[0].pk is None or rows[0].pk in self.before):
                rows[0].is_first = True
            elif rows:
                left.add(folded)
        return left

    # --- what there is ---------------------------------------------------------------------------

    def _load(self, claims: Sequence[Claim], locks: bool) -> None:
        ids = {claim.owner_id for claim in claims if claim.owner_id > 0}
        folded = {fold(path) for claim in claims for path in (claim.generated, claim.typed) if path}
        pages = list(self._rows(Url.objects.of(self.owner_type, ids), locks)) if ids else []
        self.pages: dict[tuple[int, str], Url] = {(url.owner_id, url.locale): url for url in pages}
        own = {url.pk: url for url in pages}
        folded |= {url.folded for url in pages}
        self.at: dict[str, dict[str, Url]] = {}
        for url in pages:
            self.at.setdefault(url.folded, {})[url.locale] = url
        for url in self._rows(Url.objects.at(folded), locks):
            if url.pk in own:
                continue
            if url.target_id in own:
                url.target = own[url.target_id]
            self.at.setdefault(url.folded, {})[url.locale] = url

    def _rows(self, rows: "Iterable[Url]", locks: bool) -> "Iterable[Url]":
        return rows.order_by("pk").select_for_update(of=("self",)) if locks else rows.order_by("pk")

    # --- what becomes of it ----------------------------------------------------------------------

    def _path_of(self, claim: Claim) -> str:
        held = self.pages.get((claim.owner_id, claim.locale))
        if claim.typed:
            return claim.typed
        return held.path if held and (held.is_custom or not claim.generated) else claim.generated

    def _is_well_formed(self, claim: Claim) -> bool:
        path = self._path_of(claim)
        if not path:
            return False
        held = self.pages.get((claim.owner_id, claim.locale))
        if held and held.path == path:
            return True
        code = "too_long" if len(path) > LONGEST else "" if is_path(path) else "bad_url"
        if code:
            self._refused.append((claim, code, None))
        return not code

    def _decide(self, claims: Sequence[Claim]) -> None:
        """A path may be free only after another claim of the batch has left it, so what is refused is tried again
        as long as that helps."""
        waiting = list(claims)
        while waiting:
            clashes = [(claim, clash) for claim in waiting if (clash := self._take(claim))]
            if len(clashes) == len(waiting):
                self._refused += [(claim, *clash) for claim, clash in clashes]
                return
            waiting = [claim for claim, _clash in clashes]

    def _take(self, claim: Claim) -> tuple[str, Url] | None:
        """Take the path in memory, or say what is in the way."""
        path = self._path_of(claim)
        is_custom = path != claim.generated
        held = self.pages.get((claim.owner_id, claim.locale))
        if held and held.path == path:
            if held.is_custom != is_custom and (claim.typed or claim.generated):
                self._change(held, path, is_custom)
            return None
        others = [url for url in self.at.get(fold(path), {}).values() if url is not held]
        for url in others:
            if not self._is_own(url, claim):
                if not url.is_redirect:
                    return ("taken", url)
            elif self.distinct and is_custom and not url.is_redirect:
                return ("conflict", url)
        self._clear(others, claim)
        if held is None:
            self._add(
                Url(path=path, locale=claim.locale, owner_type=self.owner_type, is_custom=is_custom), claim
            )
        else:
            self._move(held, path, is_custom, claim)
        return None

    def _is_own(self, url: Url, claim: Claim) -> bool:
        return (url.page.owner_type, url.page.owner_id) == (self.owner_type, claim.owner_id)

    def _clear(self, others: Sequence[Url], claim: Claim) -> None:
        """Redirects give way: those of others in every locale, an own one where the page comes back (18.5, 18.6)."""
        for url in others:
            is_own = self._is_own(url, claim)
            if not url.is_redirect or (is_own and url.locale != claim.locale):
                continue
            del self.at[url.folded][url.locale]
            if url.pk:
                self.removed.append(url)
                self.touched.add(url.folded)
            else:
                self.added.remove(url)
            if not is_own:
                self.robbed.append(url)

    def _add(self, url: Url, claim: Claim) -> None:
        url.owner_id = claim.owner_id
        self.pages[url.owner_id, url.locale] = url
        self._place(url)
        self.added.append(url)

    def _move(self, url: Url, path: str, is_custom: bool, claim: Claim) -> None:
        former, old = url.path, url.folded
        del self.at[old][url.locale]
        self._change(url, path, is_custom)
        self._place(url)
        if claim.leaves_redirect and url.folded != old:
            redirect = Url(path=former, locale=url.locale, target=url, is_custom=False)
            self._place(redirect)
            self.added.append(redirect)

    def _place(self, url: Url) -> None:
        url.folded = fold(url.path)
        self.at.setdefault(url.folded, {})[url.locale] = url
        self.touched.add(url.folded)

    def _change(self, url: Url, path: str, is_custom: bool) -> None:
        self.touched.add(url.folded)
        if url.pk and url.pk not in self.before:
            self.before[url.pk] = snapshot(url)
            self.changed.append(url)
            url.version, url.updated_at = url.version + 1, timezone.now()
        url.path, url.is_custom, url.is_first, url.folded = path, is_custom, False, fold(path)
        self.touched.add(url.folded)

    # --- in words --------------------------------------------------------------------------------

    def _worded(self) -> list[Refusal]:
        holders = owners.named(
            (url.page.owner_type, url.page.owner_id)
            for _claim, code, url in self._refused
            if url is not None and code == "taken" and url.page.owner_id > 0
        )
        return [self._refusal(claim, code, url, holders) for claim, code, url in self._refused]

    def _refusal(
        self, claim: Claim, code: str, url: Url | None, holders: dict[tuple[str, int], owners.Owner]
    ) -> Refusal:
        path, holder = self._path_of(claim), None
        if url is not None:
            holder = holders.get((url.page.owner_type, url.page.owner_id))
        if code == "taken" and holder:
            message = _("The address %(path)s belongs to %(owner)s already.") % {
                "path": path,
                "owner": holder.words,
            }
        elif code == "taken":
            message = _("The address %(path)s is wanted twice.") % {"path": path}
        elif code == "conflict":
            message = _("The address %(path)s is that of another language. They must differ.") % {
                "path": path
            }
        elif code == "too_long":
            message = _("An address has at most %(limit)d characters, this one has %(length)d.") % {
                "limit": LONGEST,
                "length": len(path),
            }
        else:
            message = _("%(path)s: %(rule)s.") % {"path": path, "rule": RULE}
        return Refusal(claim, code, message, holder)
