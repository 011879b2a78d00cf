from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from backoffice.console import translations

SOURCE_LANGUAGE = "en"


class Command(BaseCommand):
    help = "Gather the texts of the program into the catalogues, or check that no translation is missing."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail on a missing text.")

    def handle(self, check: bool = False, **options: Any) -> None:
        texts = translations.program_texts(settings.BASE_DIR)
        languages = [code for code, _name in settings.LANGUAGES if code != SOURCE_LANGUAGE]
        short = 0
        for language in languages:
            if not check and translations.update(language, texts):
                self.stdout.write(f"{translations.catalogue_path(language)} written")
            for sentence in translations.shortcomings(language, texts):
                short += 1
                self.stdout.write(f"{language}: {sentence}")
        if check and short:
            raise CommandError(f"{short} texts are not translated. Run `manage.py translations`.")
        self.stdout.write(f"{len(texts)} texts, {short} without translation")
