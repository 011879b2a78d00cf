"""Pictures: taking files in, addresses, saving sets of many owners, fallback, files that go with their rows, undo."""

import io
import os
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from backoffice.history.screens.access import gate_for
from catalog.images import addresses, files, keeping, reading, uploading
from catalog.images.models import Image, ImageInSet, ImageSet, Upload
from catalog.images.saving import Links, Saved, WantedImage, WantedSet, forget, save
from catalog.products.models import Product, ProductImageSet, Variant, VariantImageSet
from tests import make

LINKS = Links(ProductImageSet, "product")
OF_VARIANTS = Links(VariantImageSet, "variant")


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(kind: str = "PNG", size=(40, 30), mode: str = "RGB", **options) -> bytes:
    out = io.BytesIO()
    Picture.new(mode, size, 128 if mode in {"L", "P"} else (10, 20, 30, 255)[: len(mode)]).save(
        out, kind, **options
    )
    return out.getvalue()


def sent(content: bytes | None = None, name: str = "hammer.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content)


def on_disk(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


# --- taking in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "ending"),
    [
        ("JPEG", "a.JPG", "jpg"),
        ("PNG", "a.png", "png"),
        ("WEBP", "a.webp", "webp"),
        ("GIF", "a.gif", "png"),
        ("PNG", "a.jpg", "png"),
    ],
)
def test_the_content_decides_what_a_picture_is(media, kind, name, ending):
    stored = files.take_in(sent(picture(kind), name))
    assert files.NAME.match(stored.file)
    assert stored.file.endswith(ending)
    assert (stored.name, stored.width, stored.height) == (name, 40, 30)
    assert on_disk(media) == sorted(files.all_names(stored.file))


def test_smaller_pictures_of_fixed_sizes_are_made(media):
    stored = files.take_in(sent(picture(size=(1200, 300))))
    sizes = []
    for name in files.all_names(stored.file):
        with Picture.open(media / name) as held:
            sizes.append(held.size)
    assert sizes == [(1200, 300), (600, 150), (150, 38)]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.png", "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "no_picture"),
        (b"<script>alert(1)</script>", "a.png", "no_picture"),
        (picture("BMP"), "a.png", "no_picture"),
        (picture("TIFF"), "a.png", "no_picture"),
        (picture()[:-30], "a.png", "no_picture"),
        (picture("JPEG")[:200], "a.jpg", "no_picture"),
        (picture(), "a.exe", "no_picture"),
        (picture(), "a", "no_picture"),
    ],
)
def test_what_is_no_picture_is_refused_and_stored_nowhere(media, content, name, code):
    with pytest.raises(ValidationError) as refused:
        files.take_in(sent(content, name))
    assert refused.value.code == code
    assert on_disk(media) == []


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(media, settings):
    bomb = bytearray(picture())
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    for content in (bytes(bomb), bytes(bomb[:16]) + (8_000).to_bytes(4, "big") * 2 + bytes(bomb[24:])):
        with pytest.raises(ValidationError) as refused:
            files.take_in(sent(content))
        assert refused.value.code in {"too_many_pixels", "no_picture"}
    settings.IMAGE_MAX_PIXELS = 1_000
    with pytest.raises(ValidationError) as refused:
        files.take_in(sent())
    assert refused.value.code == "too_many_pixels"
    assert on_disk(media) == []


def test_a_file_that_is_too_large_is_refused(media, settings):
    settings.IMAGE_MAX_BYTES = 50
    with pytest.raises(ValidationError) as refused:
        files.take_in(sent())
    assert refused.value.code == "too_large"


def test_metadata_is_stripped_and_the_picture_stands_upright(media):
    exif = Picture.Exif()
    exif[0x0112], exif[0x010E] = 6, "secret place"
    jpeg = files.take_in(sent(picture("JPEG", exif=exif, comment=b"secret comment"), "a.jpg"))
    notes = PngInfo()
    notes.add_text("Comment", "secret comment")
    png = files.take_in(sent(picture("PNG", pnginfo=notes)))
    assert (jpeg.width, jpeg.height) == (30, 40)
    for name in [*files.all_names(jpeg.file), *files.all_names(png.file)]:
        assert b"secret" not in (media / name).read_bytes()
        with Picture.open(media / name) as held:
            assert not held.getexif()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1", "CMYK"])
def test_pictures_of_every_kind_of_colour_are_taken(media, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    Picture.new(mode, (8, 8)).save(out, kind)
    stored = files.take_in(sent(out.getvalue(), "a.jpg"))
    with Picture.open(media / stored.file) as held:
        assert held.mode == ("RGBA" if mode in {"RGBA", "LA"} else "RGB")


def test_the_name_of_a_file_is_for_display_only():
    assert files.shown_name('../../etc/\x00pass"wd<b>.png') == "passwdb.png"
    assert files.shown_name("C:\\pictures\\a.png") == "a.png"
    assert files.shown_name("") == "?"
    assert len(files.shown_name("a" * 400)) == 150


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "https://cdn.example.org/a b.jpg",
        "http://example.org",
        "//cdn.example.org/a.jpg",
        "/sample-media/small/T1001 1.jpg",
        "https://8.8.8.8/a.jpg",
        "https://größe.example/ä.jpg",
        "https://[2606:4700::1]/a.jpg",
    ],
)
def test_addresses_of_pictures(text: str):
    addresses.check(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("/" + "a" * 2048, "too_long"),
        *[
            (text, "bad_url")
            for text in (
                "a.jpg",
                "javascript:alert(1)",
                "data:image/png;base64,AA",
                "file:///etc/hostname",
                "ftp://example.org/a.jpg",
                "http://169.254.169.254/a.jpg",
                "http://127.0.0.1/a",
                "http://127.1/a",
                "http://2130706433/a",
                "http://0x7f.1/a",
                "http://010.0.0.1/a",
                "http://10.0.0.1/a",
                "http://[::1]/a",
                "http://[::ffff:127.0.0.1]/a",
                "http://localhost/a",
                "http://LOCALHOST./a",
                "http://printer.local/a",
                "https:///a.jpg",
                "https://exa mple.org/a",
                "https://example.org:99999/a",
                "https://example.org\\a",
                "https://example.org/a\n",
                "https://user@127.0.0.1/a",
                "//",
            )
        ],
    ],
)
def test_what_is_no_address_of_a_picture(text: str, code: str):
    with pytest.raises(ValidationError) as refused:
        addresses.check(text)
    assert refused.value.code == code


def test_previews_load_from_here_and_from_allowed_hosts(settings):
    settings.IMAGE_HOSTS = ["https://cdn.example.org", "*.example.com", "media.example.net:8080"]
    assert addresses.preview("/sample-media/a b.jpg") == "/sample-media/a%20b.jpg"
    assert addresses.preview("https://cdn.example.org/a b.jpg") == "https://cdn.example.org/a%20b.jpg"
    assert addresses.preview("//cdn.example.org/a.jpg") == "//cdn.example.org/a.jpg"
    assert addresses.preview("http://cdn.example.org/a.jpg") == ""
    assert addresses.preview("https://a.example.com/a.jpg") == "https://a.example.com/a.jpg"
    assert addresses.preview("https://example.com.evil.org/a.jpg") == ""
    assert addresses.preview("https://media.example.net:8080/a.jpg") == "https://media.example.net:8080/a.jpg"
    assert addresses.preview("https://media.example.net/a.jpg") == ""
    assert addresses.preview("https://other.example.org/a.jpg") == ""


def test_root_relative_addresses_get_the_base_of_the_shop(settings):
    settings.IMAGE_BASE_URL = "https://shop.example.org/"
    assert addresses.preview("/sample-media/a.jpg") == "https://shop.example.org/sample-media/a.jpg"
    assert addresses.preview("/media/ab/cd.jpg") == "/media/ab/cd.jpg"


# --- saving sets ---------------------------------------------------------------------------------


def upload(user=None) -> Upload:
    return uploading.receive(sent(), user or make.user())


def address(name: str, **fields) -> WantedImage:
    return WantedImage(url_large=f"/l/{name}.jpg", url_small=f"/s/{name}.jpg", **fields)


def saved(wanted, links: Links | None = LINKS, **options) -> Saved:
    with recording("save", screen="products.product") as recorder:
        return save(links, wanted, recorder, **options)


def table(owner: Product) -> list[tuple]:
    """(locale, name, addresses in their order) of each set of the owner."""
    found = reading.sets_of(LINKS, [owner.pk]).get(owner.pk, [])
    return [
        (each.image_set.locale, each.image_set.name, [shown.image.address_large for shown in each.images])
        for each in found
    ]


@pytest.mark.django_db
def test_sets_hold_uploads_and_addresses_in_their_order(media):
    owner, file = make.product(), upload()
    images = [
        address("b", sort_order=2),
        WantedImage(token=file.token, sort_order=1),
        address("a", sort_order=2),
    ]
    saved({owner.pk: [WantedSet("default", "en_US", images), WantedSet("default", "", [address("c")])]})
    assert table(owner) == [
        ("", "default", ["/l/c.jpg"]),
        ("en_US", "default", [f"/media/{file.file}", "/l/b.jpg", "/l/a.jpg"]),
    ]
    assert Upload.objects.count() == 0
    assert on_disk(media) == sorted(files.all_names(file.file))
    assert ProductImageSet.objects.filter(locale="en_US", name="default").count() == 1


@pytest.mark.django_db
def test_the_same_sets_again_write_nothing():
    owner = make.product()
    wanted = {owner.pk: [WantedSet("default", "", [address("a", key="img-1", alt_small={"en_US": "A"})])]}
    saved(wanted)
    sets = ChangeSet.objects.count()
    assert list(saved(wanted).images) == []
    assert ChangeSet.objects.count() == sets


@pytest.mark.django_db
def test_an_exported_upload_comes_back_as_the_same_picture():
    owner, file = make.product(), upload()
    image = saved({owner.pk: [WantedSet("default", "", [WantedImage(token=file.token)])]}).images[0]
    again = WantedImage(key=image.key, url_large=image.address_large, url_small=image.address_small)
    assert image.address_small == f"/media/{files.small_name(file.file)}"
    assert list(saved({owner.pk: [WantedSet("default", "", [again])]}).images) == []
    assert Image.objects.get().file == file.file


@pytest.mark.django_db
def test_what_is_not_wanted_goes_and_with_it_what_no_set_uses(media, django_capture_on_commit_callbacks):
    owner, other, file = make.product(), make.product(), upload()
    shared = address("shared", key="shared")
    saved(
        {
            owner.pk: [WantedSet("default", "", [WantedImage(token=file.token), shared])],
            other.pk: [WantedSet("x", "", [shared])],
        }
    )
    with django_capture_on_commit_callbacks(execute=True):
        outcome = saved({owner.pk: []})
    assert table(owner) == []
    assert table(other) == [("", "x", ["/l/shared.jpg"])]
    assert len(outcome.orphans) == 1
    assert [image.key for image in Image.objects.all()] == ["shared"]
    assert on_disk(media) == sorted(f".trash/{name}" for name in files.all_names(file.file))


@pytest.mark.django_db
def test_a_file_of_pictures_only_adds_and_updates():
    owner = make.product()
    saved(
        {
            owner.pk: [
                WantedSet("default", "", [address("a", key="1"), address("b", key="2")]),
                WantedSet("x", "", [address("c")]),
            ]
        }
    )
    partial = [WantedSet("default", "", [address("z", key="2", sort_order=5), address("d", key="3")])]
    saved({owner.pk: partial}, replaces_sets=False, replaces_images=False)
    assert table(owner) == [("", "default", ["/l/a.jpg", "/l/d.jpg", "/l/z.jpg"]), ("", "x", ["/l/c.jpg"])]
    assert {s.name for s in reading.sets_using([Image.objects.get(key="2").pk]).popitem()[1]} == {"default"}


@pytest.mark.django_db
def test_a_column_that_is_absent_leaves_what_is_stored():
    owner = make.product()
    saved(
        {
            owner.pk: [
                WantedSet("default", "", [address("a", key="1", sort_order=3, alt_small={"en_US": "A"})])
            ]
        }
    )
    saved({owner.pk: [WantedSet("default", "", [WantedImage(key="1", alt_large={"en_US": "L"})])]})
    image = Image.objects.get()
    assert (image.url_large, image.alt_small, image.alt_large) == ("/l/a.jpg", {"en_US": "A"}, {"en_US": "L"})
    assert ImageInSet.objects.get().sort_order == 3


@pytest.mark.django_db
def test_two_sets_swap_their_names():
    owner = make.product()
    saved({owner.pk: [WantedSet("one", "", [address("a")]), WantedSet("two", "", [address("b")])]})
    one, two = ImageSet.objects.order_by("name")
    swapped = [
        WantedSet("two", "", [address("a")], pk=one.pk),
        WantedSet("one", "", [address("b")], pk=two.pk),
    ]
    saved({owner.pk: swapped})
    assert table(owner) == [("", "one", ["/l/b.jpg"]), ("", "two", ["/l/a.jpg"])]
    assert list(ProductImageSet.objects.order_by("name").values_list("name", "image_set__name")) == [
        ("one", "one"),
        ("two", "two"),
    ]


@pytest.mark.django_db
def test_a_set_without_owner_is_found_by_its_key():
    saved({0: [WantedSet("banner", "", [address("a", key="1")], key="home")]}, None)
    saved({0: [WantedSet("banner", "", [address("b", key="2")], key="home")]}, None, replaces_images=False)
    free = ImageSet.objects.get()
    assert (free.key, [image.key for image in free.images.order_by("key")]) == ("home", ["1", "2"])


@pytest.mark.django_db
def test_sets_of_an_owner_that_is_deleted_are_forgotten():
    owner = make.product()
    saved({owner.pk: [WantedSet("default", "", [address("a")])]})
    with recording("action") as recorder:
        forget(LINKS, [owner.pk], recorder)
    assert (ImageSet.objects.count(), Image.objects.count(), ProductImageSet.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_one_owner_and_fifty_cost_the_same_queries():
    def cost(number: int, name: str) -> int:
        owners = owned[number]
        with CaptureQueriesContext(connection) as queries:
            saved(
                {
                    o.pk: [WantedSet("default", "", [address(f"{name}{o.pk}", key=f"{name}{o.pk}")])]
                    for o in owners
                }
            )
        return len(queries)

    owned = {1: [make.product()], 50: [make.product() for _number in range(50)]}
    assert cost(1, "a") == cost(50, "a")
    assert cost(1, "b") == cost(50, "b")
    for number in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            reading.sets_of(LINKS, [owner.pk for owner in owned[number]])
        assert len(queries) == 2


@pytest.mark.django_db
def test_the_database_refuses_what_no_verb_writes():
    image = Image.objects.create(url_large="/l", url_small="/s")
    held = ImageSet.objects.create(name="x")
    ImageInSet.objects.create(image_set=held, image=image)
    for row in (
        Image(),
        Image(url_large="/l"),
        Image(file="ab/x.jpg", url_large="/l", url_small="/s"),
        Image(url_large="/l", url_small="/s", key=""),
        ImageInSet(image_set=held, image=image),
        ImageInSet(image_set=ImageSet.objects.create(), image=image, sort_order=-1),
        ImageSet(key=""),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row).objects.bulk_create([row])


# --- fallback ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_variant_without_sets_shows_those_of_its_product():
    owner = make.product()
    variant = Variant.objects.filter(product=owner).first() or make.variant(product=owner)

    def shown(locale: str) -> list[str]:
        levels = (
            reading.sets_of(OF_VARIANTS, [variant.pk]).get(variant.pk, []),
            reading.sets_of(LINKS, [owner.pk]).get(owner.pk, []),
        )
        return [
            each.image.address_large for held in reading.effective(locale, *levels) for each in held.images
        ]

    assert shown("de_DE") == []
    saved({owner.pk: [WantedSet("default", "", [address("pd")])]})
    assert shown("de_DE") == ["/l/pd.jpg"]
    saved(
        {
            owner.pk: [
                WantedSet("default", "", [address("pd")]),
                WantedSet("default", "de_DE", [address("pl")]),
            ]
        }
    )
    assert (shown("de_DE"), shown("en_US")) == (["/l/pl.jpg"], ["/l/pd.jpg"])
    saved({variant.pk: [WantedSet("default", "", [address("vd")])]}, OF_VARIANTS)
    assert shown("de_DE") == ["/l/vd.jpg"]
    saved(
        {variant.pk: [WantedSet("default", "", [address("vd")]), WantedSet("x", "de_DE", [address("vl")])]},
        OF_VARIANTS,
    )
    assert shown("de_DE") == ["/l/vl.jpg"]


@pytest.mark.django_db
def test_the_first_picture_of_the_default_set_stands_for_the_record():
    owner = make.product()
    assert reading.leading("en_US", []) is None
    saved(
        {
            owner.pk: [
                WantedSet("a", "de_DE", [address("a")]),
                WantedSet("default", "de_DE", [address("b", sort_order=1), address("c")]),
            ]
        }
    )
    sets = reading.sets_of(LINKS, [owner.pk])[owner.pk]
    assert reading.leading("en_US", sets).image.address_large == "/l/c.jpg"


# --- history -------------------------------------------------------------------------------------


def undo(change_set: ChangeSet) -> dict[str, int]:
    user = make.superuser()
    with acting(user):
        return dict(+undoing.undo(change_set, gate_for(change_set, user))[0].counts)


@pytest.mark.django_db
def test_the_history_of_pictures_is_told_with_their_owner():
    owner = make.product()
    saved({owner.pk: [WantedSet("default", "en_US", [address("a")])]})
    told = Change.objects.order_by("pk").values_list(
        "object_type", "action", "label", "parent_type", "parent_id"
    )
    parent = ("products.product", owner.pk)
    assert list(told) == [
        ("images.image", "add", "a.jpg", *parent),
        ("images.imageset", "add", "default (en_US)", *parent),
        ("images.imageinset", "add", "a.jpg", *parent),
        ("products.productimageset", "add", f"{owner} default", *parent),
    ]


@pytest.mark.django_db
def test_undo_takes_added_sets_away(media, django_capture_on_commit_callbacks):
    owner, file = make.product(), upload()
    saved({owner.pk: [WantedSet("default", "", [WantedImage(token=file.token)])]})
    with django_capture_on_commit_callbacks(execute=True):
        assert undo(ChangeSet.objects.latest("pk")) == {"restored": 4}
    assert (ImageSet.objects.count(), Image.objects.count()) == (0, 0)
    assert on_disk(media) == sorted(f".trash/{name}" for name in files.all_names(file.file))


@pytest.mark.django_db
def test_undo_brings_deleted_pictures_back_with_their_files(media, django_capture_on_commit_callbacks):
    owner, file = make.product(), upload()
    images = [WantedImage(token=file.token, alt_small={"en_US": "Hammer"}), address("a", sort_order=1)]
    saved({owner.pk: [WantedSet("default", "en_US", images)]})
    before = table(owner)
    with django_capture_on_commit_callbacks(execute=True):
        saved({owner.pk: []})
    with django_capture_on_commit_callbacks(execute=True):
        assert undo(ChangeSet.objects.latest("pk")) == {"restored": 6}
    assert table(owner) == before
    assert Image.objects.get(file=file.file).alt_small == {"en_US": "Hammer"}
    assert on_disk(media) == sorted(files.all_names(file.file))


@pytest.mark.django_db
def test_undo_brings_back_order_and_texts():
    owner = make.product()
    images = [address("a", key="1", alt_small={"en_US": "A"}), address("b", key="2", sort_order=1)]
    saved({owner.pk: [WantedSet("default", "", images)]})
    changed = [
        address("a", key="1", alt_small={"en_US": "Z"}, sort_order=2),
        address("b", key="2", sort_order=1),
    ]
    saved({owner.pk: [WantedSet("default", "", changed)]})
    assert table(owner) == [("", "default", ["/l/b.jpg", "/l/a.jpg"])]
    assert undo(ChangeSet.objects.latest("pk")) == {"restored": 2}
    assert table(owner) == [("", "default", ["/l/a.jpg", "/l/b.jpg"])]
    assert Image.objects.get(key="1").alt_small == {"en_US": "A"}


# --- keeping -------------------------------------------------------------------------------------


def aged(root: Path, *, days: float) -> None:
    """As if every file were last touched so many days ago."""
    then = timezone.now().timestamp() - days * 24 * 3600
    for path in root.rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


@pytest.mark.django_db
def test_purging_removes_strays_old_uploads_and_old_trash(
    media, settings, django_capture_on_commit_callbacks
):
    owner, kept, old, fresh = make.product(), upload(), upload(), upload()
    stray = files.take_in(sent()).file
    saved({owner.pk: [WantedSet("default", "", [WantedImage(token=kept.token)])]})
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - 2 * keeping.PENDING)

    def purge() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            call_command("purge_pictures")

    def lying(*names: str, thrown: tuple[str, ...] = ()) -> list[str]:
        every = [each for name in names for each in files.all_names(name)]
        return sorted([*every, *(f".trash/{each}" for name in thrown for each in files.all_names(name))])

    purge()
    assert on_disk(media) == lying(kept.file, fresh.file, stray, thrown=(old.file,))
    aged(media, days=2)
    purge()
    assert on_disk(media) == lying(kept.file, fresh.file, thrown=(old.file, stray))
    aged(media, days=settings.UNDO_DAYS + 1)
    purge()
    assert on_disk(media) == lying(kept.file, fresh.file)


@pytest.mark.django_db
def test_a_rolled_back_deletion_keeps_the_file(media):
    file = upload()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        file.delete()
        raise ZeroDivisionError
    assert on_disk(media) == sorted(files.all_names(file.file))


# --- serving and sending -------------------------------------------------------------------------


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
    return client


@pytest.mark.django_db
def test_a_picture_is_served_to_whoever_is_signed_in(media):
    file = upload()
    url = files.address(files.preview_name(file.file))
    assert Client().get(url)["Location"].startswith("/login/")
    response = client_of(make.user()).get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert b"".join(response.streaming_content) == (media / files.preview_name(file.file)).read_bytes()
    assert client_of(make.user()).get("/")["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    "name", ["../settings.py", "ab/none.png", ".trash/ab/x.png", "%2e%2e/x", "ab/" + "0" * 32 + ".png"]
)
@pytest.mark.django_db
def test_what_is_no_stored_picture_is_a_drawing(name: str):
    response = client_of(make.user()).get(f"/media/{name}")
    assert response.status_code in {302, 404}
    if response.status_code == 302:
        assert response["Location"] == "/static/backoffice/img/no-picture.svg"


@pytest.mark.django_db
def test_a_file_is_sent_by_whoever_may_save_a_form_with_pictures(media, monkeypatch):
    monkeypatch.setattr(uploading, "mounted", {Product})
    allowed = make.user(roles=[make.role(rights=["products.change_product"])])
    reader = make.user(roles=[make.role(rights=["products.view_product"])])
    assert client_of(reader).post("/images/upload/", {"file": sent()}).status_code == 403
    assert on_disk(media) == []
    client = client_of(allowed)
    assert client.get("/images/upload/").status_code == 405
    answer = client.post("/images/upload/", {"file": sent()})
    held = Upload.objects.get()
    assert answer.json() == {
        "token": held.token,
        "name": "hammer.png",
        "width": 40,
        "height": 30,
        "preview": f"/media/{files.preview_name(held.file)}",
    }
    refused = client.post("/images/upload/", {"file": sent(b"no", "a.png")})
    assert refused.status_code == 200
    assert refused.json() == {
        "error": "a.png is no picture this program can read. Send a JPEG, PNG, WebP or GIF."
    }
