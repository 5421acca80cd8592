"""What the list of notifications may be narrowed to."""

from apps.notifications.events import EVENTS
from medivoy.api.filters import ChoiceFilter, FilterSet, FlagFilter


class NotificationFilter(FilterSet):
    is_read = FlagFilter()
    type = ChoiceFilter(choices=[(name, name) for name in EVENTS])
