"""`manage.py first_admin EMAIL`: the administrator of a platform that has none yet."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from apps.accounts.models import Invitation
from apps.accounts.models.user import normalize_email
from apps.accounts.services.staff import make_first_admin
from apps.notifications.models import Channel, Notification
from medivoy.core.context import writing
from medivoy.core.errors import DomainError


class Command(BaseCommand):
    help = "Make the first administrator of an empty platform, and mail and print the link that sets the password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Where the invitation goes.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = normalize_email(options["email"])
        try:
            validate_email(email)
            with writing(None):
                user = make_first_admin(email)
                mails = Notification.objects.filter(user=user, type="invitation", channel=Channel.EMAIL)
                link = mails.latest("created_at").secret_link
                until = Invitation.objects.get(user=user, is_used=False).expires_at
        except ValidationError as error:
            raise CommandError("This is not an e-mail address.") from error
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        # Mail may not be set up yet: whoever runs this on the server may read the link from it.
        self.stdout.write(f"{user.email} sets the password at\n{link}\nuntil {until:%Y-%m-%d %H:%M} UTC.")
