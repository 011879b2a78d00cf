import getpass
import secrets
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from backoffice.accounts import security
from backoffice.accounts.models import User


class Command(BaseCommand):
    help = "Make a superuser: asks for e-mail and password, or generates a password and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="asked for when it is missing")
        parser.add_argument("--first-name", default="Back office")
        parser.add_argument("--last-name", default="Administrator")
        parser.add_argument("--generate", action="store_true", help="generate the password instead of asking")

    def handle(self, *args: Any, **options: Any) -> None:
        email = (options["email"] or self._asked("E-mail: ")).strip().lower()
        self._refuse_bad(email)
        user = User(
            email=email,
            first_name=options["first_name"],
            last_name=options["last_name"],
            is_superuser=True,
        )
        typed = "" if options["generate"] else self._typed_password(user)
        password = typed or secrets.token_urlsafe(15)
        user.set_password(password)
        user.must_change_password = not typed
        user.save()
        security.log("user_created", object=email, is_superuser=True, by="createadmin")
        self.stdout.write(f"{email} is a superuser.")
        if not typed:
            self.stdout.write(f"Password (shown this once, to be changed at the first log-in): {password}")

    def _refuse_bad(self, email: str) -> None:
        try:
            validate_email(email)
        except ValidationError as problem:
            raise CommandError("This is no e-mail address.") from problem
        if User.objects.filter(email=email).exists():
            raise CommandError("This e-mail address belongs to a user already.")

    def _asked(self, prompt: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Give --email, or run the command in a terminal.")
        return input(prompt)

    def _typed_password(self, user: User) -> str:
        """Asked twice; nothing typed, or no terminal, means that one is generated."""
        if not sys.stdin.isatty():
            return ""
        while True:
            first = getpass.getpass("Password (empty: one is generated): ")
            if not first:
                return ""
            if first != getpass.getpass("Repeat it: "):
                self.stderr.write("The passwords differ.")
                continue
            try:
                validate_password(first, user)
            except ValidationError as problem:
                self.stderr.write("\n".join(problem.messages))
                continue
            return first
