"""django-unfold's classes under the types of the Django classes they extend: unfold itself is not typed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from django import forms
    from django.contrib.admin import AdminSite, ModelAdmin
    from django.contrib.admin.filters import RelatedFieldListFilter as AutocompleteSelectFilter
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
    from django.forms import PasswordInput
    from django.forms import Select as SelectWidget
    from django.forms import SelectMultiple as Select2MultipleWidget
    from django.forms import Textarea as TextareaWidget
    from django.forms import TextInput as TextInputWidget

    AnyForm = forms.ModelForm[Any]
else:
    from django.forms import ModelForm as AnyForm
    from unfold.admin import ModelAdmin as UnfoldModelAdmin
    from unfold.contrib.filters.admin import AutocompleteSelectFilter
    from unfold.forms import AuthenticationForm
    from unfold.sites import UnfoldAdminSite as AdminSite
    from unfold.widgets import UnfoldAdminPasswordWidget as PasswordInput
    from unfold.widgets import UnfoldAdminSelect2MultipleWidget
    from unfold.widgets import UnfoldAdminSelectWidget as SelectWidget
    from unfold.widgets import UnfoldAdminTextareaWidget as TextareaWidget
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInputWidget

    class ModelAdmin(UnfoldModelAdmin):
        """Unfold's, generic at run time as well."""

        def __class_getitem__(cls, model):
            return cls

    class Select2MultipleWidget(UnfoldAdminSelect2MultipleWidget):
        """Unfold's, left alone by Django's autocomplete.js, which would ask the server for its choices."""

        def __init__(self, attrs=None, choices=()):
            super().__init__(attrs, choices)
            self.attrs["class"] = "unfold-admin-autocomplete"


__all__ = [
    "AdminSite",
    "AnyForm",
    "AuthenticationForm",
    "AutocompleteSelectFilter",
    "ModelAdmin",
    "PasswordInput",
    "Select2MultipleWidget",
    "SelectWidget",
    "TextInputWidget",
    "TextareaWidget",
]
