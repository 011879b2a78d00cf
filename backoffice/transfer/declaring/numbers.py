"""Numbers in a cell: whole ones, amounts of money, decimals (spec: import-export 2)."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.widgets import TRIMMED, CellWidget
from backoffice.transfer.problems import CellError

WITH_COMMA = _("Write digits with a comma, such as 12,5, and no thousands signs.")
_DECIMAL = re.compile(r"-?\d{1,10}(\.\d{1,10})?")
_INT = re.compile(r"-?\d{1,18}")


class Int(CellWidget):
    """A whole number from ``least`` to ``most``."""

    is_text = False
    code = "bad_int"

    def __init__(self, least: int = -(2**31), most: int = 2**31 - 1) -> None:
        super().__init__()
        self.least, self.most = least, most

    def clean(self, value: str, row: Any = None, **options: Any) -> int | None:
        plain = value.strip(TRIMMED)
        if not plain:
            return None
        if not _INT.fullmatch(plain) or not plain.isascii():
            raise CellError(self.code, **self.hints(plain))
        number = int(plain)
        if not self.least <= number <= self.most:
            raise CellError("out_of_range", least=self.least, most=self.most)
        return number

    def hints(self, plain: str) -> dict[str, str]:
        return {}


class Money(Int):
    """Whole minor units of a currency; empty is "no amount", which is not 0."""

    code = "bad_money"

    def __init__(self) -> None:
        super().__init__(0, 2**31 - 1)


class Dec(CellWidget):
    """A decimal number, never a float. ``decimal_sign`` is the one the file was read with."""

    is_text = False
    is_decimal = True

    def __init__(self, least: Decimal | None = None, most: Decimal | None = None) -> None:
        super().__init__()
        self.least, self.most = least, most

    def clean(self, value: str, row: Any = None, **options: Any) -> Decimal | None:
        plain = value.strip(TRIMMED)
        if not plain:
            return None
        has_comma = options.get("decimal_sign") == ","
        if has_comma:
            plain = plain.replace(",", ".") if "." not in plain else "?"
        if not _DECIMAL.fullmatch(plain) or not plain.isascii():
            raise CellError("bad_decimal", remedy=WITH_COMMA if has_comma else "")
        number = Decimal(plain)
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            raise CellError("out_of_range", least=self.least, most="…" if self.most is None else self.most)
        return number

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        if value is None:
            return ""
        text = f"{value:f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
