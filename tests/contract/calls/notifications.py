"""How the operations of notifications are called."""

from tests.contract.call import of, simple
from tests.factories.notifications import NotificationFactory


def news(world):
    return of(NotificationFactory(user=world.users["patient"]))


simple("notification.read", news)
simple("notification.destroy", news)
