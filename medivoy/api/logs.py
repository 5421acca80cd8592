"""Puts the request's id into every log line."""

import logging

from medivoy.core.context import request_id


class RequestIdFilter(logging.Filter):
    """Gives each record `request_id`, a dash outside of requests.

    Django logs some answers when the request is over already; those records bring the request along.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.request_id = request_id() or getattr(request, "request_id", "-")
        return True
