"""Rules of the database that carry code, column and sentence, once for forms and files (architecture 3).

``column`` is the field under which a form shows the message and the column an import names.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


class _InWords:
    """What check and uniqueness share: where the message belongs. It is no part of the schema."""

    def __init__(
        self, *args: Any, column: str = "", code: str = "", message: Any = "", **options: Any
    ) -> None:
        self.column = column
        options.setdefault("violation_error_code", code or None)
        options.setdefault("violation_error_message", message or None)
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, options = super().deconstruct()
        return f"django.db.models.{path.rsplit('.', 1)[1].removesuffix('Rule')}Constraint", args, options

    def clone(self) -> Any:
        _path, args, options = super().deconstruct()
        return type(self)(*args, column=self.column, **options)

    def validate(self, *args: Any, **options: Any) -> None:
        try:
            super().validate(*args, **options)
        except ValidationError as problem:
            if not self.column:
                raise
            raise ValidationError(
                {self.column: ValidationError(problem.message, code=problem.code)}
            ) from problem


class CheckRule(_InWords, models.CheckConstraint):
    """A condition every row meets: ``CheckRule(condition=Q(…), name=…, column="name", code="bad_key", message=…)``."""


class UniqueRule(_InWords, models.UniqueConstraint):
    """Values that occur once."""
