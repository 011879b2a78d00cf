"""The forms of the import and export screens."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.options import CHOICES, PARTICULAR, Options
from backoffice.transfer.reading.sniffing import ENCODINGS, encoding_name
from backoffice.transfer.reading.tables import SEPARATORS

GUESS = ("", _("Guess from the name, else from the header"))


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"


class FilesField(forms.FileField):
    """One or several files."""

    widget = ManyFiles
    default_error_messages = {"required": _("Choose a file.")}

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(files)


class UploadForm(forms.Form):
    files = FilesField(label=_("Drop CSV or XLSX files or a zip here, or choose them"), allow_empty_file=True)
    format = forms.ChoiceField(
        label=_("Content"),
        required=False,
        help_text=_("What the file holds. Of several files, and of those in a zip, the names tell it."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        help_text=_("Stored with every history entry of the run."),
    )

    stores = forms.CharField(
        label=_("Only these stores"),
        required=False,
        help_text=_("Names parted by commas. Folders and rows of other stores are left out."),
    )

    def __init__(self, *args: Any, formats: list[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["format"].choices = [GUESS, *((r.file, r.title) for r in formats)]
        known = {name for resource in formats for name in resource._meta.run_options}
        self.offered = [name for name in CHOICES if name not in PARTICULAR or name in known]
        for name in self.offered:
            label, help_text, choices = CHOICES[name]
            self.fields[name] = forms.ChoiceField(
                label=label,
                help_text=help_text,
                choices=choices,
                initial=getattr(Options(), name),
                required=False,
                widget=forms.RadioSelect,
            )

    @property
    def choices(self) -> list[Any]:
        """The options of the run, for the template."""
        return [self[name] for name in self.offered]


class ReadingForm(forms.Form):
    """As what a file is read; empty choices mean: as guessed. ``reading`` is as what it was read."""

    format = forms.ChoiceField(label=_("Content"), required=False)
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[("", _("As guessed")), *ENCODINGS.items()],
    )
    separator = forms.ChoiceField(
        label=_("Separator"), required=False, choices=[("", _("As guessed")), *SEPARATORS.items()]
    )
    decimal_sign = forms.ChoiceField(
        label=_("Decimal sign"),
        required=False,
        choices=[("", _("As guessed")), (".", _("point: 12.5")), (",", _("comma: 12,5"))],
    )

    def __init__(
        self, *args: Any, formats: list[Any], reading: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["format"].choices = [GUESS, *((r.file, r.title) for r in formats)]
        self.is_table = (reading or {}).get("kind", "csv") == "csv"
        if reading and self.is_table:
            self._tell_guess("encoding", reading, encoding_name(reading["encoding"]))
            self._tell_guess("separator", reading, SEPARATORS.get(reading["separator"], ""))
            sign = _("comma") if reading["decimal_sign"] == "," else _("point")
            self._tell_guess("decimal_sign", reading, sign)

    def _tell_guess(self, name: str, reading: Mapping[str, Any], guess: Any) -> None:
        """What was found out stands behind “As guessed”, what the user chose stays chosen."""
        chosen = reading.get("chosen", {}).get(name, "")
        self.initial[name] = chosen
        if not chosen:
            field = self.fields[name]
            field.choices = [("", _("As guessed: %(guess)s") % {"guess": guess}), *field.choices[1:]]
        if name == "encoding" and reading.get("guessed"):
            self.initial[name] = reading["encoding"]


class ExportForm(forms.Form):
    """``words`` says beside a format how many rows of it there are."""

    format = forms.MultipleChoiceField(
        label=_("Content"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what to export.")},
    )
    kind = forms.ChoiceField(
        label=_("File type"),
        required=False,
        choices=[("csv", _("CSV")), ("xlsx", _("XLSX, a workbook"))],
    )
    packing = forms.ChoiceField(
        label=_("Packed as"),
        required=False,
        choices=[("", _("One file per content")), ("folders", _("A zip with a folder per store"))],
        help_text=_("Several contents are always packed into one zip."),
    )
    stores = forms.MultipleChoiceField(
        label=_("Only these stores"), required=False, widget=forms.CheckboxSelectMultiple
    )
    extra_columns = forms.BooleanField(
        label=_("Extra columns"),
        required=False,
        help_text=_("Also the columns that only this system reads, such as names per language."),
    )
    has_mark = forms.BooleanField(
        label=_("Byte-order mark"),
        required=False,
        help_text=_("Some spreadsheets need it to show umlauts."),
    )
    for_another_system = forms.BooleanField(
        label=_("For another system"),
        required=False,
        help_text=_("Without the protection of texts that a spreadsheet would read as a formula."),
    )

    def __init__(
        self,
        *args: Any,
        formats: list[Any],
        stores: Sequence[str] = (),
        words: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        titles = [(r.file, f"{r.title}: {words[r.file]}" if r.file in words else r.title) for r in formats]
        self.fields["format"].choices = titles
        if stores and any(resource.store_column for resource in formats):
            self.fields["stores"].choices = [(name, name) for name in stores]
        else:
            del self.fields["stores"], self.fields["packing"]

    @property
    def chosen(self) -> Mapping[str, Any]:
        """What :class:`Wanted` is made of."""
        found = self.cleaned_data
        return {
            "format": ",".join(found["format"]),
            "kind": found["kind"] or "csv",
            "extra_columns": found["extra_columns"],
            "is_guarded": not found["for_another_system"],
            "has_mark": found["has_mark"],
            "stores": ",".join(found.get("stores", ())),
            "in_folders": found.get("packing") == "folders",
        }
