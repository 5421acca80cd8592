"""What lists of accounts are filtered by."""

from apps.accounts.roles import Role
from medivoy.api.filters import ChoiceFilter, FilterSet, FlagFilter


class UserFilters(FilterSet):
    user_type = ChoiceFilter(choices=Role.choices)
    is_active = FlagFilter()
