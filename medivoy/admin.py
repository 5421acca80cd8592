"""What every page of the console is made of: rows by `visible_to`, writes in the writing context, refusals as messages.

A page of an app derives from `ModelAdmin`, or from `TranslatedAdmin` where fields are written in five languages.
Whatever is more than an edit of plain fields is a `button`: a form first, then one service call.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import FieldListFilter, RelatedFieldListFilter
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import StackedInline as UnfoldStackedInline
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.accounts.admin.trail import has_history, show_history
from medivoy.api import refusals
from medivoy.core.audit import entity_of
from medivoy.core.context import writing
from medivoy.core.errors import DomainError, InvalidInput

DIALOG = "unfold/helpers/dialog.html"
TEXT_ROWS = 4
# Apps of libraries, whose rows know no `visible_to`: those of the machine room, where the permission alone decides.
OF_LIBRARIES = {"django_celery_beat"}


def visible_rows(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Return those of `rows` that `user` may see; a model of ours without a rule raises AttributeError."""
    return rows if rows.model._meta.app_label in OF_LIBRARIES else rows.visible_to(user)


def words_of(refusal: DomainError) -> str:
    """Return a refusal as one text that a person reads: its message, then what is wrong with each field."""
    complaints = refusal.errors.values() if isinstance(refusal, InvalidInput) else ()
    return " ".join([str(refusal), *(str(text) for texts in complaints for text in texts)])


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Lead the browser to `address`, whether it asks itself or a dialog does for it."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def written(request: HttpRequest, view: Callable[[], HttpResponse], *, entity: str) -> HttpResponse:
    """Answer `view()`; a POST in the writing context, its refusal as a message on the same page."""
    if request.method != "POST":
        return view()
    try:
        with writing(request.user):
            return view()
    except DomainError as refusal:
        refusals.tell_of_refusal(request, refusal, entity=entity)
        messages.error(request, words_of(refusal))
        return HttpResponseRedirect(request.get_full_path())


class VisibleRows:
    """A page, or an inline on one: it shows the rows that the reader may see, and offers such rows in its choices."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return visible_rows(super().get_queryset(request), request.user)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None:
            rows = db_field.remote_field.model._default_manager.using(db)
        return visible_rows(rows, request.user)


class TabularInline(VisibleRows, UnfoldTabularInline):
    """Rows beside their parent, one a line."""


class StackedInline(VisibleRows, UnfoldStackedInline):
    """Rows beside their parent, one below the other."""


class VisibleRelatedFilter(RelatedFieldListFilter):
    """Narrow a list by another row: one that occurs in the list, and that the reader may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        listed = visible_rows(model_admin.model._default_manager.all(), request.user)
        offered = visible_rows(field.remote_field.model._default_manager.all(), request.user)
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to={"pk__in": offered.filter(pk__in=listed.values(self.field_path)).values("pk")},
        )


FieldListFilter.register(lambda field: bool(field.remote_field), VisibleRelatedFilter, take_priority=True)


class ModelAdmin(VisibleRows, UnfoldModelAdmin):
    """The base of every page. Who may see, add or change is asked of apps/accounts/roles.py, by Django's names."""

    list_per_page = 50
    # One count a list is enough.
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True
    # Text columns that hold one line, such as an address on the web.
    one_line: ClassVar[Sequence[str]] = ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.one_line:
            kwargs["widget"] = UnfoldAdminTextInputWidget()
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = TEXT_ROWS
        return field

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        show = super().changelist_view
        return written(request, lambda: show(request, extra_context), entity=entity_of(self.model))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        show = super().changeform_view
        return written(request, lambda: show(request, object_id, form_url, extra_context), entity=entity_of(self.model))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        show = super().delete_view
        return written(request, lambda: show(request, object_id, extra_context), entity=entity_of(self.model))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the audit trail knows of a row, in place of Django's own log: that one knows the console alone, and
        whoever sees a row would read in it. Who may not see such rows has no history of them."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return show_history(request, self.admin_site.each_context(request), self.model, unquote(object_id))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        context["show_history"] = has_history(self.model, request.user)
        return super().render_change_form(request, context, **kwargs)

    def history_of(self, request: HttpRequest, row: Any) -> str:
        """Return the address of a row's history, for pages that draw their own; nothing where it is not for them."""
        if not has_history(self.model, request.user):
            return ""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[row.pk])

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """A row that is not there for the reader: Django leads back to the list, and the audit trail knows of it."""
        refusals.tell_of_page(request, entity=entity_of(self.model), code="not_found")
        answer: HttpResponse = super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        return answer

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Narrow a list by what its page filters by, and by no other column: whoever may ask of any column whether
        it begins with a letter reads the hidden ones letter by letter (T4, T21)."""
        column = lookup.partition("__")[0]
        filters = (entry[0] if isinstance(entry, (list, tuple)) else entry for entry in self.get_list_filter(request))
        offered = {entry.partition("__")[0] for entry in filters if isinstance(entry, str)} | {self.date_hierarchy}
        names = {name for field in self.opts.get_fields() for name in (field.name, getattr(field, "attname", ""))}
        if column == "pk" or (column in names and column not in offered):
            return False
        return super().lookup_allowed(lookup, value, request)

    def page_of(self, object_id: str | None) -> str:
        """Return the address of a row's page, or of the list without a row."""
        names = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{names}_change", args=[object_id]) if object_id else reverse(f"{names}_changelist")


class ReadOnly:
    """Rows that the console shows and never edits; mixed in before `ModelAdmin` or an inline."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TranslatedAdmin(ModelAdmin, TranslationAdmin):
    """A page whose model has fields in five languages: `sections` first, then a tab a language."""

    # (title, names of untranslated fields); a name stands in one section at most.
    sections: ClassVar[Sequence[tuple[Any, Sequence[str]]]] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, dict[str, Any]]]:
        return [
            *((title, {"fields": list(names)}) for title, names in self.get_sections(request, obj)),
            *((label, self._tab(code)) for code, label in settings.LANGUAGES),
        ]

    def get_sections(self, request: HttpRequest, obj: Any = None) -> Sequence[tuple[Any, Sequence[str]]]:
        """Return the sections that this user sees of this row."""
        return self.sections

    def _tab(self, language: str) -> dict[str, Any]:
        names = [field.name for field in self.opts.fields if field.name in self.trans_opts.all_fields]
        return {"classes": ["tab"], "fields": [f"{name}_{language}" for name in names]}


class DialogForm(BaseDialogForm):
    """The form of a button. Whom it is about and what was refused stand above its fields; what was typed stays."""

    form_before_template = "console/refusal.html"

    @property
    def about(self) -> str:
        """Whom or what the button is pressed for, where the page behind does not say it clearly enough."""
        return ""

    def get_before_template_context(self, request: HttpRequest, object_id: int | str | None = None) -> dict[str, Any]:
        return {"form": self}

    def refuse(self, refusal: DomainError) -> None:
        """Put a refusal where it belongs: on the fields that it names, else above them all."""
        complaints = refusal.errors if isinstance(refusal, InvalidInput) else {}
        here = {name: texts for name, texts in complaints.items() if name in self.fields}
        for name, texts in here.items():
            self.add_error(name, [str(text) for text in texts])
        if not here:
            self.add_error(None, words_of(refusal))


Act = Callable[[Any, HttpRequest, Any, str], Any]


def button(
    *,
    label: Any,
    permission: str,
    text: Any = "",
    form: type[DialogForm] = DialogForm,
    submit: Any = None,
    variant: ActionVariant = ActionVariant.DEFAULT,
    icon: str | None = None,
    done: Any = None,
    own_transactions: bool = False,
) -> Callable[[Act], Any]:
    """Make a method `(page, request, form, object_id)` a button of a row's page, named in its `actions_detail`.

    `permission` names the page's `has_<permission>_permission(request, object_id)`: without it there is no button and
    the address answers 403. A GET shows `form` with `text`; a POST acts in the writing context, unless the service
    opens its transactions itself. A refusal is shown in the dialog. `done` is said when it went well, else what the
    method returns.
    """
    dialog: Any = {"title": label, "description": text, "form_class": form, "form_submit_text": submit or label}

    def decorate(act: Act) -> Any:
        @wraps(act)
        def press(page: Any, request: HttpRequest, sent: DialogForm, object_id: str) -> HttpResponse:
            try:
                if own_transactions:
                    said = act(page, request, sent, object_id)
                else:
                    with writing(request.user):
                        said = act(page, request, sent, object_id)
            except DomainError as refusal:
                refusals.tell_of_refusal(request, refusal, entity=entity_of(page.model))
                return _refused(page, request, sent, object_id, refusal, dialog)
            messages.success(request, str(done or said or _("Done.")))
            return go_to(request, page.page_of(object_id))

        return action(description=label, permissions=[permission], dialog=dialog, variant=variant, icon=icon)(press)

    return decorate


def _refused(
    page: Any, request: HttpRequest, form: DialogForm, object_id: str, refusal: DomainError, dialog: dict[str, Any]
) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        messages.error(request, words_of(refusal))
        return HttpResponseRedirect(page.page_of(object_id))
    form.refuse(refusal)
    return render(request, DIALOG, {"dialog": dialog, "form": form, "form_submit_text": dialog["form_submit_text"]})
